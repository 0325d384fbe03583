/** What becomes of fields and content on the way to a replica and back. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { granted } from "../support/granted.ts";
import { exchange, readText, type Replica, serveRaw, serveReplica, startProxy, writeText } from "./rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

/** Says what it was sent, as text. */
function mirror(): Replica {
  return serveRaw(async (conn) => {
    const request = await readText(conn);
    await writeText(conn, `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${request}`);
  });
}

/** Says a given answer to each request. */
function saying(answer: string): Replica {
  return serveRaw(async (conn) => {
    await readText(conn);
    await writeText(conn, answer);
  });
}

const CLOSE = "host: web.example.org\r\nconnection: close\r\n";

test("a replica sees its client's fields and the edge's, never the operator's or a forgery", async () => {
  await using replica = mirror();
  await using rig = startProxy([replica]);
  const forged = "x-forwarded-for: 10.0.0.1\r\nvia: 1.0 evil\r\n";
  const secrets = "authorization: Bearer t\r\ncookie: a=1; muster_session=s\r\ncookie: b=2\r\n";
  const answer = await exchange(rig.port, `GET / HTTP/1.1\r\n${CLOSE}${forged}${secrets}traceparent: 00-1\r\n\r\n`);
  const [, request = ""] = answer.split("GET / HTTP/1.1\r\n");
  const fields = request.split("\r\n").filter((line) => line.includes(": ")).toSorted();
  assertEquals(fields, [
    "cookie: a=1; b=2",
    "host: web.example.org",
    "traceparent: 00-1",
    "via: 1.1 muster",
    "x-forwarded-for: 127.0.0.1",
    "x-forwarded-host: web.example.org",
    "x-forwarded-proto: http",
  ]);
});

test("an answer carries the sandbox beside the replica's own policy, and each cookie", async () => {
  const fields =
    "content-security-policy: default-src 'self'\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nkeep-alive: x\r\n";
  await using replica = saying(`HTTP/1.1 200 OK\r\n${fields}content-length: 0\r\n\r\n`);
  await using rig = startProxy([replica]);
  const { headers, body } = await fetch(rig.url);
  await body?.cancel();
  const policy = "default-src 'self', sandbox allow-scripts allow-forms";
  assertEquals(headers.get("content-security-policy"), policy);
  assertEquals(headers.getSetCookie(), ["a=1", "b=2"]);
  assertEquals(headers.get("keep-alive"), null);
});

test("redirects are the client's to follow", async () => {
  await using replica = saying("HTTP/1.1 302 Found\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n");
  await using rig = startProxy([replica]);
  const response = await fetch(rig.url, { redirect: "manual" });
  await response.body?.cancel();
  assertEquals([response.status, response.headers.get("location")], [302, "/there"]);
});

test("answers without content keep their fields and their framing", async () => {
  const cases = [
    { method: "HEAD", answer: "HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n", says: "content-length: 1234" },
    { method: "GET", answer: 'HTTP/1.1 304 Not Modified\r\netag: "x"\r\n\r\n', says: 'etag: "x"' },
    { method: "GET", answer: "HTTP/1.1 204 No Content\r\nx-a: 1\r\n\r\n", says: "x-a: 1" },
    { method: "GET", answer: "HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n", says: " 205 " },
  ];
  for (const { method, answer, says } of cases) {
    await using replica = saying(answer);
    await using rig = startProxy([replica]);
    const text = await exchange(rig.port, `${method} / HTTP/1.1\r\n${CLOSE}\r\n`);
    assertStringIncludes(text, says);
    assert(text.endsWith("\r\n\r\n"), text);
  }
});

test("interim answers and trailers are dropped, the answer is whole", async () => {
  const head = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  await using replica = saying(`${head}5\r\nhello\r\n0\r\nx-trailer: 1\r\n\r\n`);
  await using rig = startProxy([replica]);
  const response = await fetch(rig.url);
  assertEquals([response.status, await response.text()], [200, "hello"]);
});

test("compressed content passes as it is", async () => {
  const compressing = new Blob(["hello ".repeat(100)]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = await new Response(compressing).bytes();
  const headers = { "content-encoding": "gzip", "content-type": "text/plain" };
  await using replica = serveReplica(() => new Response(bytes, { headers }));
  await using rig = startProxy([replica]);
  for (const accepted of ["gzip", "identity"]) {
    const response = await fetch(rig.url, { headers: { "accept-encoding": accepted } });
    // 2.9 decodes only what it has asked for.
    const body = await response.bytes();
    const text = body[0] === 0x1f
      ? await new Response(new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"))).text()
      : new TextDecoder().decode(body);
    assertEquals(text, "hello ".repeat(100));
  }
  const raw = await exchange(rig.port, `GET / HTTP/1.1\r\n${CLOSE}\r\n`);
  assertStringIncludes(raw, `content-length: ${bytes.length}\r\n`);
  assertStringIncludes(raw, "content-encoding: gzip\r\n");
});

test("content goes there and back unchanged, small and large, with a length and without", async () => {
  await using replica = serveReplica((request) => new Response(request.body));
  await using rig = startProxy([replica]);
  for (const size of [0, 1, 65_536, 65_537, 5_000_000]) {
    const bytes = new Uint8Array(size).map((_, index) => index % 251);
    const sent = await fetch(rig.url, { method: "POST", body: bytes });
    assertEquals(digest(await sent.bytes()), digest(bytes), `${size} bytes`);
    const streamed = await fetch(rig.url, { method: "POST", body: new Blob([bytes]).stream() });
    assertEquals(digest(await streamed.bytes()), digest(bytes), `${size} bytes in chunks`);
  }
});

test("a request without content is sent without", async () => {
  await using replica = mirror();
  await using rig = startProxy([replica]);
  for (const method of ["DELETE", "POST", "OPTIONS"]) {
    const answer = await exchange(rig.port, `${method} / HTTP/1.1\r\n${CLOSE}\r\n`);
    assertStringIncludes(answer, `${method} / HTTP/1.1\r\n`);
    const [, request = ""] = answer.split(`${method} / HTTP/1.1\r\n`);
    assert(!request.includes("chunked") && !request.includes("content-length"), request);
  }
});

test("the length of large content is kept", async () => {
  await using replica = mirror();
  await using rig = startProxy([replica]);
  const body = "a".repeat(70_000);
  const answer = await (await fetch(rig.url, { method: "POST", body })).text();
  assertStringIncludes(answer, "content-length: 70000\r\n");
});

test("events arrive one by one, as they are sent", async () => {
  const next = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using replica = serveReplica(() => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        await next[sent - 1]?.promise;
        controller.enqueue(new TextEncoder().encode(`data: ${++sent}\n\n`));
        if (sent === 3) controller.close();
      },
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  await using rig = startProxy([replica]);
  const response = await fetch(rig.url);
  const seen: string[] = [];
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    seen.push(chunk);
    next[seen.length - 1]?.resolve();
  }
  assertEquals(seen, ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"]);
});

test("a client that leaves in the middle of an answer ends it at the replica", async () => {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  await using replica = serveReplica(() => {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
      cancel: () => resolve(),
    });
    return new Response(body);
  });
  await using rig = startProxy([replica]);
  const response = await fetch(rig.url);
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  await ended;
});

test("an answer that breaks off is never completed falsely", async () => {
  const cases = [
    "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nnonsense\r\n",
  ];
  for (const answer of cases) {
    await using replica = saying(answer);
    await using rig = startProxy([replica]);
    await assertRejects(async () => await (await fetch(rig.url)).text());
  }
});

test("content that breaks off is never completed falsely", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  await using replica = serveRaw(async (conn) => {
    let seen = "";
    for (let part = await readText(conn); part !== ""; part = await readText(conn)) {
      seen += part;
      if (seen.includes("hello")) begin();
    }
    resolve(seen);
  });
  await using rig = startProxy([replica]);
  {
    using client = await Deno.connect({ hostname: "127.0.0.1", port: rig.port });
    await writeText(client, "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
    await begun;
  }
  const seen = await promise;
  assert(!seen.endsWith("0\r\n\r\n"), seen);
});

function digest(bytes: Uint8Array): string {
  let sum = 0;
  for (const byte of bytes) sum = (sum * 31 + byte) % 1_000_000_007;
  return `${bytes.length} bytes, ${sum}`;
}
