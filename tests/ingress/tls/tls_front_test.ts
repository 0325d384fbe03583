import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import type { TlsCounts, TlsFront } from "../../../lib/ingress/tls/tls_front.ts";
import { isInstalled } from "../../support/installed.ts";
import { helloMessage, inRecords } from "./hello_bytes.ts";
import { connect, LOCAL, openssl, readAll, say, withFront } from "./tls_scene.ts";

const PORT = { hostname: LOCAL };
const UNRECOGNIZED_NAME = [21, 3, 3, 0, 2, 2, 112];
const DECODE_ERROR = [21, 3, 3, 0, 2, 2, 50];

/** What a client gets that sends these bytes and nothing more. */
async function answerTo(port: number, bytes: Uint8Array): Promise<number[]> {
  const conn = await Deno.connect({ ...PORT, port });
  await conn.write(bytes);
  return [...await readAll(conn)];
}

/** How connections went, when all are over. */
async function endedOf(front: TlsFront): Promise<TlsCounts["ended"]> {
  await front.close();
  return front.counts().ended;
}

withFront("a TLS port gives on who came, for what, and what was agreed on", {}, async (scene) => {
  const conn = await connect(scene, { alpnProtocols: ["http/1.1", "h2"] });
  assertEquals([conn.alpn, await say(conn, "hello")], ["h2", "hello"]);
  conn.close();
  const { covers, ...client } = scene.clients[0]!;
  assertEquals(client, { address: LOCAL, name: "localhost", alpn: "h2" });
  assertEquals(["localhost", LOCAL, "b.test", "[::1]"].map(covers), [true, true, false, false]);
});

withFront("a TLS port serves a client that chooses nothing within TLS", {}, async (scene) => {
  const conn = await connect(scene);
  assertEquals([conn.alpn, await say(conn, "x")], [null, "x"]);
  conn.close();
  assertEquals(scene.clients[0]?.alpn, undefined);
});

withFront("a TLS port turns a client away that comes for an unknown name", {}, async ({ port, front }) => {
  for (const name of ["c.test", "test", "x.y.b.test"]) {
    assertEquals(await answerTo(port, inRecords(helloMessage({ name }), 9_999)), UNRECOGNIZED_NAME, name);
  }
  assertEquals((await endedOf(front)).unknown, 3);
});

withFront("a TLS port with a default host shows that one's certificate", { defaultHost: "b.test" }, async (scene) => {
  const answer = await answerTo(scene.port, inRecords(helloMessage({ name: "c.test" }), 9_999));
  // The hello is no good otherwise: what matters is who says so.
  assert(answer.length > 0 && answer.join() !== UNRECOGNIZED_NAME.join(), answer.join());
  const { unknown, failed } = await endedOf(scene.front);
  assertEquals([unknown, failed], [0, 1]);
});

withFront("a TLS port answers plain HTTP in plain text", {}, async ({ port, front }) => {
  const request = new TextEncoder().encode(
    `GET / HTTP/1.1\r\nhost: localhost\r\ncookie: ${"x".repeat(30_000)}\r\n\r\n`,
  );
  const answer = new TextDecoder().decode(Uint8Array.from(await answerTo(port, request)));
  assertMatch(answer, /^HTTP\/1\.1 400 Bad Request\r\n.*\r\n\r\nThis port speaks TLS: use https:\/\/\n$/s);
  const [, length, body] = /Content-Length: (\d+)\r\n.*\r\n\r\n(.*)$/s.exec(answer) ?? [];
  assertEquals(Number(length), body?.length);
  assertEquals((await endedOf(front)).foreign, 1);
});

withFront("a TLS port says by an alert that a hello is malformed", {}, async ({ port, front }) => {
  assertEquals(await answerTo(port, Uint8Array.of(22, 3, 1, 0, 1, 2)), DECODE_ERROR);
  assertEquals(await answerTo(port, Uint8Array.of(22, 3, 1, 0, 1, 1, 23)), DECODE_ERROR);
  assertEquals((await endedOf(front)).malformed, 2);
});

withFront("a TLS port reads a hello that comes in pieces, through whatever splits it", {}, async (scene) => {
  await using splitter = splitting(scene.port, 7);
  const conn = await connect({ ...scene, port: splitter.port });
  assertEquals(await say(conn, "hello"), "hello");
  conn.close();
});

withFront("a TLS port cuts a client whose hello takes too long", { limits: { handshakeMs: 200 } }, async (scene) => {
  const bytes = inRecords(helloMessage({ name: "localhost" }), 9_999);
  const conn = await Deno.connect({ ...PORT, port: scene.port });
  await conn.write(bytes.subarray(0, bytes.length - 1));
  assertEquals((await readAll(conn)).length, 0);
  // The hello alone is not enough either.
  const another = await Deno.connect({ ...PORT, port: scene.port });
  await another.write(bytes.subarray(0, 3));
  assertEquals((await readAll(another)).length, 0);
  assertEquals((await endedOf(scene.front)).late, 2);
});

withFront(
  "a TLS port serves who agrees on TLS while 200 others say nothing, and keeps no more of these than it may",
  { limits: { handshakesMax: 50 } },
  async (scene) => {
    const { front, port } = scene;
    const idle = await Promise.all(Array.from({ length: 200 }, () => Deno.connect({ ...PORT, port })));
    const conn = await connect(scene);
    assertEquals(await say(conn, "hello"), "hello");
    assert(front.counts().handshaking <= 50, `${front.counts().handshaking} are trying`);
    for (const one of [conn, ...idle]) one.close();
  },
);

withFront(
  "a TLS port closes connections beyond its bound at once",
  { limits: { connectionsMax: 2 } },
  async (scene) => {
    const kept = [await connect(scene), await connect(scene)];
    const { front } = scene;
    await assertRejects(() => connect(scene));
    for (const conn of kept) assertEquals(await say(conn, "still here"), "still here");
    assertEquals([front.counts().turnedAway, front.counts().open], [1, 2]);
    for (const conn of kept) conn.close();
  },
);

withFront("a TLS port carries 8 MiB unchanged both ways, and their end", {}, async (scene) => {
  const conn = await connect(scene);
  const bytes = new Uint8Array(8_388_608).map((_, at) => at * 31 % 251);
  const sending = (async () => {
    for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent, sent + 262_144));
  })();
  const buffer = new Uint8Array(262_144);
  let received = 0;
  while (received < bytes.length) {
    const count = await conn.read(buffer) ?? 0;
    assert(count > 0 && buffer.subarray(0, count).every((byte, at) => byte === bytes[received + at]));
    received += count;
  }
  await sending;
  conn.close();
});

const LAST_BYTES = 6_000_000;
withFront("a TLS port brings a client all that it was sent before the end, however slowly it takes it", {
  limits: { lingerMs: 1_000 },
  serve: async (conn) => {
    const last = new Uint8Array(LAST_BYTES).fill(7);
    for (let sent = 0; sent < last.length;) sent += await conn.write(last.subarray(sent));
    conn.close();
  },
}, async (scene) => {
  const conn = await connect(scene);
  const buffer = new Uint8Array(65_536);
  let received = 0;
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    received += count;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(received, LAST_BYTES);
  conn.close();
});

withFront("a TLS port cuts a client that takes nothing of what it was sent last", {
  limits: { lingerMs: 50 },
  serve: async (conn) => {
    await conn.write(new Uint8Array(1_000));
    conn.close();
  },
}, async (scene) => {
  const conn = await connect(scene);
  // It neither reads nor closes.
  await scene.front.close();
  assertEquals(scene.front.counts().ended.secured, 1);
  conn.close();
});

withFront("close() cuts who has said nothing and waits for the others", {}, async (scene) => {
  const conn = await connect(scene);
  const idle = await Deno.connect({ ...PORT, port: scene.port });
  let isClosed = false;
  const closing = scene.front.close().then(() => isClosed = true);
  assertEquals([(await readAll(idle)).length, await say(conn, "still here"), isClosed], [0, "still here", false]);
  conn.close();
  await closing;
  await assertRejects(() => Deno.connect({ ...PORT, port: scene.port }), Deno.errors.ConnectionRefused);
});

if (!isInstalled("openssl")) {
  Deno.test({ name: "a TLS port beside OpenSSL (skipped: openssl is missing)", ignore: true, fn: () => {} });
}

if (isInstalled("openssl")) {
  withFront("a TLS port shows OpenSSL the name's own certificate, by TLS 1.2 and 1.3", {}, async ({ port }) => {
    for (const [version, name] of [["1_2", "TLSv1.2"], ["1_3", "TLSv1.3"]]) {
      for (const host of ["b.test", "www.b.test", "localhost"]) {
        const said = await openssl(
          port,
          "-servername",
          host,
          `-tls${version}`,
          "-verify_hostname",
          host,
          "-alpn",
          "h2",
        );
        assertStringIncludes(said, `New, ${name}`);
        assertStringIncludes(said, "ALPN protocol: h2");
        // Nobody has told OpenSSL whom to believe: all but that is right.
        assertMatch(said, /Verify return code: (20|21) /, said);
      }
    }
  });

  withFront(
    "a TLS port refuses older versions, protocols that it doesn't speak and unknown names",
    {},
    async (scene) => {
      const { port, front } = scene;
      assertMatch(await openssl(port, "-servername", "localhost", "-tls1_1"), /alert|no protocols available/);
      assertMatch(await openssl(port, "-servername", "localhost", "-alpn", "spdy/3"), /SSL alert number 120/);
      assertMatch(await openssl(port, "-servername", "c.test"), /SSL alert number 112/);
      // It came to an address that a certificate is for.
      assertMatch(await openssl(port, "-noservername"), /New, TLSv1.3/);
      assertEquals((await endedOf(front)).unknown, 1);
    },
  );
}

/** Passes what comes on to a port, a few bytes at a time and its answers as they are. */
function splitting(port: number, bytesAtOnce: number): AsyncDisposable & { port: number } {
  const listener = Deno.listen({ ...PORT, port: 0 });
  const carrying = (async () => {
    const from = await listener.accept();
    const to = await Deno.connect({ ...PORT, port });
    to.setNoDelay(true);
    const back = to.readable.pipeTo(from.writable).catch(() => undefined);
    for await (const chunk of from.readable) {
      for (let at = 0; at < chunk.length; at += bytesAtOnce) await to.write(chunk.subarray(at, at + bytesAtOnce));
    }
    to.close();
    await back;
  })().catch(() => undefined);
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      await carrying;
      listener.close();
    },
  };
}
