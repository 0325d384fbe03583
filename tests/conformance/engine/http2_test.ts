import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { readText, serveRaw, serveReplica, writeText } from "../../ingress/rig.ts";
import { startTlsEngine } from "./tls_rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

test("requests over HTTP/2 go to replicas side by side, and say that they came by TLS", async () => {
  const seen: string[] = [];
  await using replica = serveReplica(async (request) => {
    seen.push(`${request.method} ${request.headers.get("x-forwarded-proto")} ${request.headers.get("host")}`);
    return new Response(`${new URL(request.url).pathname} ${await request.text()}`);
  });
  await using rig = await startTlsEngine([replica]);
  const answers = await Promise.all(Array.from({ length: 20 }, async (_, at) => {
    const response = await fetch(`${rig.url}/${at}`, { client: rig.client, method: "POST", body: `body ${at}` });
    return await response.text();
  }));
  assertEquals(answers, Array.from({ length: 20 }, (_, at) => `/${at} body ${at}`));
  assertEquals(new Set(seen), new Set([`POST https localhost:${rig.port}`]));
  assert(rig.visits.every(({ asker }) => asker.protocol === "HTTP/2"));
});

test("large content goes both ways over HTTP/2", async () => {
  await using replica = serveReplica((request) => new Response(request.body));
  await using rig = await startTlsEngine([replica]);
  const content = new Uint8Array(8_000_000).fill(7);
  const response = await fetch(rig.url, { client: rig.client, method: "POST", body: content });
  assertEquals((await response.bytes()).length, content.length);
});

test("a request over HTTP/2 without a replica is answered here, and one for another host is misdirected", async () => {
  await using rig = await startTlsEngine([], { route: { queue: { timeout: "50ms" } } });
  const response = await fetch(rig.url, { client: rig.client });
  assertEquals(response.status, 503);
  assertStringIncludes(await response.text(), "no-ready-replica");
});

test("an answer that breaks off resets its stream, and others go on", async () => {
  await using replica = serveRaw(async (conn) => {
    const request = await readText(conn);
    if (request.startsWith("GET /broken")) await writeText(conn, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    else await writeText(conn, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  });
  await using rig = await startTlsEngine([replica]);
  const broken = await fetch(`${rig.url}/broken`, { client: rig.client }).then((response) => response.text())
    .catch((error: Error) => error.name);
  assert(broken !== "abc", broken);
  assertEquals(await (await fetch(rig.url, { client: rig.client })).text(), "ok");
});

test("events over HTTP/2 come as they are sent", async () => {
  const next = Promise.withResolvers<void>();
  await using replica = serveReplica(() => {
    const events = async function* () {
      yield new TextEncoder().encode("data: one\n\n");
      await next.promise;
      yield new TextEncoder().encode("data: two\n\n");
    };
    return new Response(ReadableStream.from(events()), { headers: { "content-type": "text/event-stream" } });
  });
  await using rig = await startTlsEngine([replica]);
  const response = await fetch(rig.url, { client: rig.client });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader.read()).value, "data: one\n\n");
  next.resolve();
  assertEquals((await reader.read()).value, "data: two\n\n");
  await reader.cancel();
});
