import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { gzipSync } from "node:zlib";
import { startApi } from "../api/harness.ts";
import { pageAnswer } from "../../../lib/controller/pages/page_answer.ts";
import type { PageFile } from "../../../lib/controller/pages/page_files.ts";

const HTML = "<!doctype html><title>Muster</title>";
const SCRIPT = "console.log('é')";
const files = new Map<string, PageFile>([
  ["index.html", { type: "text/html; charset=utf-8", etag: "aaa", packed: new Uint8Array(gzipSync(HTML)) }],
  ["assets/main-bbb.js", { type: "text/javascript", etag: "bbb", packed: new Uint8Array(gzipSync(SCRIPT)) }],
]);

function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return pageAnswer(new Request(`http://127.0.0.1:8000${path}`, { headers }), () => Promise.resolve(files));
}

Deno.test("pageAnswer() gives the page at /ui and at every place in it, to be asked for again each time", async () => {
  for (const path of ["/ui", "/ui/", "/ui/services/web?tab=logs", "/ui/..%2f..%2fetc/passwd", "/ui/index.html"]) {
    const response = await ask(path);
    assertEquals([response.status, response.headers.get("cache-control")], [200, "no-cache"], path);
    assertEquals(await response.text(), HTML);
  }
});

Deno.test("pageAnswer() gives assets by their names for ever, and says that an unknown one is none", async () => {
  const known = await ask("/ui/assets/main-bbb.js");
  assertEquals([known.status, await known.text()], [200, SCRIPT]);
  assertStringIncludes(known.headers.get("cache-control") ?? "", "immutable");
  const unknown = await ask("/ui/assets/main-old.js");
  assertEquals(unknown.status, 404);
  assertStringIncludes(await unknown.text(), "load it again");
});

Deno.test("pageAnswer() sends the compressed bytes to whoever takes gzip, and to nobody else", async () => {
  const encodingOf = async (accept: string) => {
    const response = await ask("/ui", { "accept-encoding": accept });
    await response.body?.cancel();
    return response.headers.get("content-encoding");
  };
  for (const accept of ["gzip", "br, gzip;q=0.5", "deflate, *", "GZIP"]) assertEquals(await encodingOf(accept), "gzip");
  for (const accept of ["", "br", "gzip;q=0", "gzip; q=0.000, br", "x-gzipped"]) {
    assertEquals(await encodingOf(accept), null, accept);
  }
  const packed = await ask("/ui", { "accept-encoding": "gzip" });
  const text = new Response(packed.body!.pipeThrough(new DecompressionStream("gzip"))).text();
  assertEquals(await text, HTML);
});

Deno.test("pageAnswer() answers 304 to whoever has the file already", async () => {
  const { headers } = await ask("/ui");
  for (const tag of [headers.get("etag")!, '"aaa"', '"x", W/"aaa"', "*"]) {
    const response = await ask("/ui", { "if-none-match": tag });
    assertEquals([response.status, await response.text()], [304, ""], tag);
    assertEquals(response.headers.get("etag"), 'W/"aaa"');
  }
  assertEquals((await ask("/ui", { "if-none-match": '"bbb"' })).status, 200);
});

Deno.test("pageAnswer() lets the page load nothing from elsewhere, run nothing inline and be framed by nobody", async () => {
  const policy = (await ask("/ui")).headers.get("content-security-policy") ?? "";
  for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
    assertStringIncludes(policy, rule);
  }
  assert(!policy.includes("unsafe"));
});

Deno.test("pageAnswer() says how the dashboard is built where it is not", async () => {
  const response = await pageAnswer(new Request("http://127.0.0.1/ui"), () => Promise.resolve(undefined));
  assertEquals(response.status, 503);
  assertMatch(await response.text(), /deno task web/);
});

Deno.test("/ui is open where all else asks for a credential, takes any query, and is proxied to nobody", async () => {
  await using api = await startApi({ token: "secret-of-the-controller-0123456789" });
  for (const path of ["/ui", "/ui/services/web?tab=logs", "/ui/assets/none.js"]) {
    const response = await api.call("GET", path);
    assertEquals(response.status, 503, path);
    assertStringIncludes(await response.text(), "deno task web");
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  }
  const head = await api.call("HEAD", "/ui");
  assertEquals([head.status, await head.text()], [503, ""]);
  const posted = await api.call("POST", "/ui", { body: {} });
  assertEquals([posted.status, posted.headers.get("allow")], [405, "GET, HEAD"]);
  await posted.body?.cancel();
  assertEquals(await (await api.call("GET", "/uix")).text(), "proxied /uix");
  assertEquals((await api.call("GET", "/v1/services")).status, 401);
});
