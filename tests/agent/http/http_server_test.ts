import { assert, assertEquals } from "@std/assert";
import { type HttpHandler, problem } from "../../../lib/agent/http/http_message.ts";
import { type HttpServer, serveHttp, type ServeOptions } from "../../../lib/agent/http/http_server.ts";
import { fieldValue } from "../../../lib/wire/http1/fields.ts";
import { granted } from "../../support/granted.ts";
import { RawClient } from "../raw_client.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n";
const echo: HttpHandler = async (request) => ({
  status: 200,
  body: `${request.method} ${request.path} ${request.query} ${await request.readText()}`,
});

/** A test with a server of its own, which must end without an error and without anything left open. */
function withServer(
  name: string,
  options: Partial<ServeOptions>,
  body: (server: HttpServer, errors: unknown[]) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: !granted,
    async fn() {
      const errors: unknown[] = [];
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const server = serveHttp({ handler: echo, onError: (error) => errors.push(error), ...options, listener });
      try {
        await body(server, errors);
      } finally {
        await server.shutdown({ drainMs: 0 });
      }
      assertEquals(server.connections, 0);
      if (!name.includes("onError")) assertEquals(errors, []);
    },
  });
}

withServer("serveHttp() answers fetch, with bodies and query", {}, async (server) => {
  const { port } = server.addr as Deno.NetAddr;
  const reply = await fetch(`http://127.0.0.1:${port}/a%2Fb?c=d`, { method: "POST", body: "hällo" });
  assertEquals([reply.status, await reply.text()], [200, "POST /a%2Fb c=d hällo"]);
  assert(reply.headers.has("date"));
});

withServer("serveHttp() keeps a connection and answers pipelined requests in order", {}, async (server) => {
  using client = await RawClient.connect(server.addr);
  await client.send(`GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc`);
  await client.send("POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n");
  assertEquals((await client.answer()).text, "GET /1  ");
  assertEquals((await client.answer()).text, "POST /2  abc");
  assertEquals((await client.answer()).text, "POST /3  de");
  assertEquals(server.connections, 1);
});

withServer("serveHttp() answers HEAD with the length and without the body", {}, async (server) => {
  using client = await RawClient.connect(server.addr);
  const { head, text } = await client.ask("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD");
  assertEquals([fieldValue(head.fields, "content-length"), text], ["9", ""]);
  assertEquals((await client.ask(`${GET}\r\n`)).text, "GET /  ");
});

withServer("serveHttp() refuses what the machine refuses, says why and closes", {}, async (server) => {
  using client = await RawClient.connect(server.addr);
  const { head, text } = await client.ask(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
  );
  assertEquals([head.status, fieldValue(head.fields, "content-type")], [400, "application/problem+json"]);
  assertEquals(JSON.parse(text).detail, "Content-Length and Transfer-Encoding exclude each other");
  await client.ended();
});

withServer("serveHttp() answers 413 before a long body is read, and to a chunked one as it grows", {
  limits: { bodyBytesMax: 10 },
}, async (server) => {
  using announced = await RawClient.connect(server.addr);
  const first = await announced.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n");
  assertEquals(first.head.status, 413);
  await announced.ended();
  using growing = await RawClient.connect(server.addr);
  const second = await growing.ask(
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n",
  );
  assertEquals(second.head.status, 413);
  await growing.ended();
});

withServer("serveHttp() sends 100 only when the handler wants the body", {
  handler: async (request) => request.path === "/no" ? problem(403, "Forbidden") : await echo(request),
}, async (server) => {
  const post = (path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`;
  using client = await RawClient.connect(server.addr);
  await client.send(post("/yes"));
  const buffer = new Uint8Array(100);
  const read = await client.conn.read(buffer);
  assertEquals(new TextDecoder().decode(buffer.subarray(0, read ?? 0)), "HTTP/1.1 100 Continue\r\n\r\n");
  assertEquals((await client.ask("ok")).text, "POST /yes  ok");
  const refused = await client.ask(post("/no"));
  assertEquals([refused.head.status, refused.head.keepAlive], [403, false]);
});

withServer(
  "serveHttp() closes a connection whose body nobody read",
  { handler: () => ({ status: 401 }) },
  async (server) => {
    using client = await RawClient.connect(server.addr);
    const { head } = await client.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
    assertEquals([head.status, head.keepAlive], [401, false]);
    await client.ended();
  },
);

{
  const steps = Promise.withResolvers<void>();
  withServer("serveHttp() flushes each piece of a stream at once", {
    handler: () => ({
      status: 200,
      body: (async function* () {
        yield new TextEncoder().encode("one");
        await steps.promise;
        yield new TextEncoder().encode("two");
      })(),
    }),
  }, async (server) => {
    using client = await RawClient.connect(server.addr);
    await client.send(`${GET}\r\n`);
    await client.head();
    assertEquals(await client.piece(), "one");
    steps.resolve();
    assertEquals([await client.piece(), await client.piece()], ["two", "<end>"]);
  });
}

{
  const ended = Promise.withResolvers<string>();
  withServer("serveHttp() ends a stream whose client has gone, and aborts the request's signal", {
    handler: (request) => {
      const aborted = new Promise<void>((resolve) => request.signal.addEventListener("abort", () => resolve()));
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new Uint8Array(3)),
        cancel: () => aborted.then(() => ended.resolve("cancelled")),
      });
      return { status: 200, body };
    },
  }, async (server) => {
    const client = await RawClient.connect(server.addr);
    await client.send(`${GET}\r\n`);
    await client.head();
    await client.piece();
    client[Symbol.dispose]();
    assertEquals(await ended.promise, "cancelled");
  });
}

withServer("serveHttp() tells onError what a handler threw, and answers 500 without it", {
  handler: () => {
    throw new Error("a secret of the handler");
  },
}, async (server, errors) => {
  using client = await RawClient.connect(server.addr);
  const { head, text } = await client.ask(`${GET}\r\n`);
  assertEquals([head.status, text.includes("secret"), head.keepAlive], [500, false, true]);
  assertEquals(String(errors[0]), "Error: a secret of the handler");
});

withServer("serveHttp() cuts a stream that fails (told to onError), never completes it falsely", {
  handler: () => ({
    status: 200,
    body: (async function* () {
      yield new Uint8Array(3);
      throw new Error("the stream broke");
    })(),
  }),
}, async (server, errors) => {
  using client = await RawClient.connect(server.addr);
  await client.send(`${GET}\r\n`);
  await client.head();
  await client.piece();
  assertEquals(await client.piece(), "<error>");
  assertEquals(String(errors[0]), "Error: the stream broke");
});

withServer(
  "serveHttp() answers 408 to a head that does not come to its end",
  { limits: { headMs: 50 } },
  async (server) => {
    using client = await RawClient.connect(server.addr);
    assertEquals((await client.ask(GET)).head.status, 408);
    await client.ended();
  },
);

withServer("serveHttp() closes idle connections and bodies that do not come", {
  limits: { idleMs: 50, bodyGraceMs: 50 },
}, async (server) => {
  using idle = await RawClient.connect(server.addr);
  assertEquals((await idle.ask(`${GET}\r\n`)).head.status, 200);
  await idle.ended();
  using slow = await RawClient.connect(server.addr);
  await slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
  await slow.ended();
});

withServer("serveHttp() at its cap closes the longest idle connection for a new one", {
  limits: { connectionsMax: 2 },
}, async (server) => {
  using first = await RawClient.connect(server.addr);
  await first.ask(`${GET}\r\n`);
  using second = await RawClient.connect(server.addr);
  await second.ask(`${GET}\r\n`);
  using third = await RawClient.connect(server.addr);
  assertEquals((await third.ask(`${GET}\r\n`)).head.status, 200);
  await first.ended();
  assertEquals((await second.ask(`${GET}\r\n`)).head.status, 200);
});

{
  const busy = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  withServer("serveHttp() at its cap answers 503 when nobody is idle", {
    limits: { connectionsMax: 1 },
    handler: async () => {
      busy.resolve();
      await letGo.promise;
      return { status: 200 };
    },
  }, async (server) => {
    using first = await RawClient.connect(server.addr);
    await first.send(`${GET}\r\n`);
    await busy.promise;
    using second = await RawClient.connect(server.addr);
    assertEquals((await second.answer()).head.status, 503);
    letGo.resolve();
    assertEquals((await first.answer()).head.status, 200);
  });
}

{
  const busy = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  withServer("shutdown() lets a request under way end, closes the idle ones and accepts no more", {
    handler: async (request) => {
      if (request.path === "/slow") {
        busy.resolve();
        await letGo.promise;
      }
      return { status: 200, body: "done" };
    },
  }, async (server) => {
    using idle = await RawClient.connect(server.addr);
    await idle.ask(`${GET}\r\n`);
    using slow = await RawClient.connect(server.addr);
    await slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    await busy.promise;
    const ended = server.shutdown({ drainMs: 60_000 });
    await idle.ended();
    letGo.resolve();
    const { head, text } = await slow.answer();
    assertEquals([text, head.keepAlive], ["done", false]);
    await ended;
  });
}

withServer("shutdown() cuts what is still open at its deadline", {
  handler: (request) => ({ status: 200, body: untilAborted(request.signal) }),
}, async (server) => {
  using client = await RawClient.connect(server.addr);
  await client.send(`${GET}\r\n`);
  await client.head();
  await server.shutdown({ drainMs: 20 });
  assertEquals(await client.piece(), "<error>");
});

withServer("serveHttp() answers 405 to CONNECT where nobody tunnels", {}, async (server) => {
  using client = await RawClient.connect(server.addr);
  assertEquals((await client.ask("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "CONNECT")).head.status, 405);
});

withServer("serveHttp() hands a tunnel the bytes that came right behind its CONNECT", {
  onTunnel: () => async (conn, early) => {
    await conn.write(early);
    conn.close();
  },
}, async (server) => {
  using client = await RawClient.connect(server.addr);
  await client.send("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nearly");
  assertEquals((await client.head("CONNECT")).status, 200);
  assertEquals(await client.raw(), "early");
});

async function* untilAborted(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(0);
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
}
