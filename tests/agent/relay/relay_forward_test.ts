import { assert, assertEquals } from "@std/assert";
import { writeAll } from "../../../lib/agent/http/http_connection.ts";
import { fieldValue } from "../../../lib/wire/http1/fields.ts";
import { encodeLatin1 } from "../../../lib/wire/http1/octets.ts";
import { get, ID, OK, scripted, withRelay } from "../relay_scene.ts";

{
  const seen: string[] = [];
  withRelay("a proxied request reaches the replica in origin form, byte for byte, without the connection's fields", {
    replica: scripted(seen, [OK]),
  }, async (scene) => {
    using client = await scene.client();
    const more = "hOst-X: 1\r\nX-Forwarded-Host: shop.example\r\nProxy-Connection: keep-alive\r\nMuster-Port: web\r\n" +
      "Connection: x-secret\r\nX-Secret: 1\r\nProxy-Authorization: Bearer t\r\nTE: trailers\r\n";
    assertEquals((await client.ask(get("/a%2Fb/../c?x=%00&\\", more))).text, "ok");
    assertEquals(seen, [
      "GET /a%2Fb/../c?x=%00&\\ HTTP/1.1\r\nHost: shop.example\r\nhOst-X: 1\r\nX-Forwarded-Host: shop.example\r\n\r\n",
    ]);
  });
}

{
  const connections = new Set<number>();
  withRelay("proxied requests share a resting connection; the client's is kept too, also for the agent's own API", {
    replica: (conn, nth) => {
      connections.add(nth);
      return scripted([], [OK, OK, OK])(conn);
    },
  }, async (scene) => {
    using client = await scene.client();
    for (let round = 0; round < 3; round++) assertEquals((await client.ask(get("/"))).text, "ok");
    assertEquals((await client.ask("GET /v1/health HTTP/1.1\r\nHost: a\r\n\r\n")).text, "the agent itself");
    assertEquals([connections.size, scene.counts], [1, [1, 0, 1, 0, 1, 0]]);
  });
}

{
  let connections = 0;
  withRelay("a resting connection that the replica drops costs no request", {
    replica: async (conn, nth) => {
      connections = nth;
      const buffer = new Uint8Array(1_000);
      await conn.read(buffer);
      await writeAll(conn, encodeLatin1(OK));
      if (nth === 1) await conn.read(buffer);
    },
  }, async (scene) => {
    using client = await scene.client();
    for (let round = 0; round < 2; round++) assertEquals((await client.ask(get("/"))).text, "ok");
    assertEquals(connections, 2);
  });
}

{
  let requests = 0;
  withRelay("a POST is never sent twice: a replica that closes without an answer gets 502 closed", {
    replica: async (conn) => {
      requests++;
      await conn.read(new Uint8Array(1_000));
    },
  }, async (scene) => {
    using client = await scene.client();
    const { head } = await client.ask(`POST http://${ID}.replica/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx`);
    assertEquals([head.status, fieldValue(head.fields, "muster-relay-error"), requests], [502, "closed", 1]);
  });
}

for (
  const [what, answer] of [
    ["both framings", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["garbage", "SSH-2.0-OpenSSH\r\n"],
    ["an upgrade that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ] as const
) {
  withRelay(`an answer with ${what} becomes 502 malformed`, { replica: scripted([], [answer]) }, async (scene) => {
    using client = await scene.client();
    const { head } = await client.ask(get("/"));
    assertEquals([head.status, fieldValue(head.fields, "muster-relay-error")], [502, "malformed"]);
  });
}

withRelay("an answer that breaks off is cut for the client too, never completed", {
  replica: scripted([], ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"]),
}, async (scene) => {
  using client = await scene.client();
  await client.send(get("/"));
  await client.head();
  assertEquals([await client.piece(), await client.piece()], ["hello", "<error>"]);
});

withRelay("an answer that ends with its connection goes on in chunks, and the client's connection is kept", {
  replica: scripted([], ["HTTP/1.1 200 OK\r\n\r\nuntil the end"]),
}, async (scene) => {
  using client = await scene.client();
  for (let round = 0; round < 2; round++) {
    const { head, text } = await client.ask(get("/"));
    assertEquals([head.framing.kind, text, head.keepAlive], ["chunked", "until the end", true]);
  }
});

{
  const seen: string[] = [];
  withRelay("a chunked body streams through with its trailers", {
    replica: scripted(seen, [`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`], "0\r\nX-Sum: 1\r\n\r\n"),
  }, async (scene) => {
    using client = await scene.client();
    await client.send(
      `POST http://${ID}.replica/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n`,
    );
    assertEquals((await client.ask("0\r\nX-Sum: 1\r\nHost: evil\r\n\r\n")).text, "ok");
    const sent = seen[0]?.slice(seen[0].indexOf("\r\n\r\n"));
    assertEquals(sent, "\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n");
  });
}

withRelay("an answer that comes before the body has ended is passed on, and neither connection is used again", {
  replica: scripted([], ["HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno"]),
}, async (scene) => {
  using client = await scene.client();
  const post = `POST http://${ID}.replica/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc`;
  const { head, text } = await client.ask(post);
  assertEquals([head.status, text], [413, "no"]);
  await client.ended();
});

{
  const gone = Promise.withResolvers<void>();
  withRelay("a client that leaves takes its request to the replica with it", {
    replica: async (conn) => {
      const buffer = new Uint8Array(1_000);
      await conn.read(buffer);
      assertEquals(await conn.read(buffer), null);
      gone.resolve();
    },
  }, async (scene) => {
    const client = await scene.client();
    await client.send(get("/"));
    client[Symbol.dispose]();
    await gone.promise;
  });
}

{
  const got: (string | null)[] = [];
  withRelay("a body that its client cuts off is never passed on as complete", {
    replica: async (conn) => {
      const buffer = new Uint8Array(1_000);
      for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
        got.push(new TextDecoder().decode(buffer.subarray(0, read)));
      }
    },
  }, async (scene) => {
    using client = await scene.client();
    await client.send(
      `POST http://${ID}.replica/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
    );
    await client.conn.closeWrite();
    await client.ended();
    assert(!got.join("").includes("0\r\n\r\n"), got.join(""));
  });
}

withRelay("fetch through the relay as its proxy: bodies both ways, many at once", {
  replica: async (conn) => {
    const buffer = new Uint8Array(65_536);
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
      await writeAll(conn, encodeLatin1(OK));
    }
  },
}, async (scene) => {
  const { port } = scene.server.addr as Deno.NetAddr;
  using client = Deno.createHttpClient({ proxy: { url: `http://127.0.0.1:${port}` } });
  const answers = await Promise.all(Array.from({ length: 40 }, async (_, nth) => {
    const reply = await fetch(`http://${ID}.replica/${nth}`, { client });
    return `${reply.status} ${await reply.text()}`;
  }));
  assertEquals(new Set(answers), new Set(["200 ok"]));
});
