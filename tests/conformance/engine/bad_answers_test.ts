import { assert, assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { readText, serveRaw, writeText } from "../../ingress/rig.ts";
import { RawClient, say, statusesIn } from "./raw_client.ts";
import { startRecorder } from "./recorder.ts";
import { startEngine } from "./rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `the engine ${name}`, ignore: !granted, fn });
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const GET = "GET / HTTP/1.1\r\nHost: web\r\n\r\n";

/** Answers that can't be trusted; whether the replica closes after them is their affair. */
const UNTRUSTED: Readonly<Record<string, string>> = {
  "both framings": `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  "a negative length": `${OK}Content-Length: -5\r\n\r\nhello`,
  "two different lengths": `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
  "a list of lengths": `${OK}Content-Length: 5, 5\r\n\r\nhello`,
  "an unknown coding": `${OK}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  "chunks in HTTP/1.0": "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "headers over 64 kB": `${OK}A: ${"a".repeat(65_536)}\r\nContent-Length: 0\r\n\r\n`,
  "201 fields": `${OK}${"A: b\r\n".repeat(201)}\r\n`,
  "a flood of interim answers": `${"HTTP/1.1 102 Processing\r\n\r\n".repeat(17)}${OK}Content-Length: 0\r\n\r\n`,
  "a bare CR in a value": `${OK}A: b\rSet-Cookie: c\r\nContent-Length: 0\r\n\r\n`,
  "LF line ends": "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
  "a LF within a value": `${OK}A: b\nSet-Cookie: c\r\nContent-Length: 0\r\n\r\n`,
  "NUL in a value": `${OK}A: b\0\r\nContent-Length: 0\r\n\r\n`,
  "a folded line": `${OK}A: b\r\n c\r\nContent-Length: 0\r\n\r\n`,
  "a space before the colon": `${OK}Content-Length : 0\r\n\r\n`,
  "a broken chunk in one piece with its head": `${CHUNKED}xyz\r\n`,
  "another protocol": "SSH-2.0-OpenSSH_9.2\r\n",
  "a status of four digits": "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
  "HTTP/2.0": "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
  "a switch that nobody asked for": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
};

for (const [name, answer] of Object.entries(UNTRUSTED)) {
  test(`answers 502 for a replica's answer with ${name}, and uses its connection no more`, async () => {
    await using replica = startRecorder({ answer });
    await using rig = startEngine([replica], { route: { timeout: "3s" } });
    using client = await RawClient.connect(rig.port);
    for (let at = 0; at < 2; at++) {
      await client.send(GET);
      const text = await client.until(/\}\n$|HTTP\/1.1 [1-4]\d\d/);
      assertEquals(statusesIn(text).filter((status) => status >= 200), [502]);
      assertMatch(text, /Content-Type: application\/problem\+json/);
    }
    assertEquals(replica.connections.length, 2);
  });
}

/** Answers whose beginning is good; when the rest turns out bad, it is out already. */
const BROKEN: Readonly<Record<string, readonly [start: string, rest: string]>> = {
  "a length that isn't reached": [`${OK}Content-Length: 100\r\n\r\nhello`, ""],
  "chunks that break off": [`${CHUNKED}5\r\nhello\r\n`, "5\r\nhel"],
  "chunks without the last one": [`${CHUNKED}5\r\nhello\r\n`, ""],
  "a broken chunk size": [`${CHUNKED}5\r\nhello\r\n`, "0x5\r\nhello\r\n0\r\n\r\n"],
  "data beyond the chunk size": [`${CHUNKED}5\r\nhello\r\n`, "4\r\nhello\r\n0\r\n\r\n"],
  "broken trailers": [`${CHUNKED}5\r\nhello\r\n`, "0\r\nA : b\r\n\r\n"],
};

for (const [name, [start, rest]] of Object.entries(BROKEN)) {
  test(`cuts off the client for a replica's answer with ${name}, and never completes it falsely`, async () => {
    const { promise: isOut, resolve: goOn } = Promise.withResolvers<void>();
    await using replica = startSlowReplica([start, rest], isOut);
    await using rig = startEngine([replica]);
    using client = await RawClient.connect(rig.port);
    await client.send(GET);
    const begun = await client.until(/hello/);
    goOn();
    const text = begun + await client.toEnd();
    assertMatch(text, /^HTTP\/1\.1 200 OK\r\n/);
    assert(!/\r\n0\r\n/.test(text), "a last chunk would say that it is complete");
    assertEquals(statusesIn(text), [200]);
  });
}

test("passes an answer on that ends with its connection, in chunks, and completes it only when that ended well", async () => {
  await using replica = startRecorder({ answer: "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nhello", then: "end" });
  await using rig = startEngine([replica]);
  using client = await RawClient.connect(rig.port);
  await client.send(GET);
  const chunks = await client.until(/\r\n0\r\n\r\n$/);
  assertMatch(chunks, /^HTTP\/1\.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/);
  // An old client has no chunks: its connection ends the content.
  assertEquals(
    await say(rig.port, "GET / HTTP/1.0\r\nHost: web\r\nConnection: keep-alive\r\n\r\n"),
    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
  );
});

for (
  const [name, method, answer] of [
    ["HEAD", "HEAD", `${OK}Content-Length: 5\r\n\r\nhello`],
    ["304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello"],
    ["204", "GET", "HTTP/1.1 204 No Content\r\n\r\nhello"],
  ] as const
) {
  test(`never passes on the content of an answer to ${name}, nor takes it for the next answer`, async () => {
    await using replica = startSlowReplica([answer]);
    await using rig = startEngine([replica]);
    using client = await RawClient.connect(rig.port);
    for (let at = 0; at < 3; at++) {
      await client.send(`${method} / HTTP/1.1\r\nHost: web\r\n\r\n`);
      const text = await client.until(/\r\n\r\n/);
      assertEquals(statusesIn(text), [Number(answer.slice(9, 12))]);
      assert(!text.includes("hello"));
    }
  });
}

test("leaves a length on answers to HEAD and on 304, and takes it off 204", async () => {
  await using replica = startRecorder({
    answer: ({ target }) => `HTTP/1.1 ${target.slice(1)} X\r\nContent-Length: 5\r\n\r\n`,
  });
  await using rig = startEngine([replica]);
  for (const [method, status, has] of [["HEAD", 200, true], ["GET", 304, true], ["GET", 204, false]] as const) {
    const text = await say(rig.port, `${method} /${status} HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n`);
    assertEquals([statusesIn(text), text.includes("Content-Length: 5")], [[status], has]);
  }
});

test("takes nothing for an answer that came without a request", async () => {
  await using replica = startRecorder({
    answer: `${OK}Content-Length: 2\r\n\r\nok${OK}Content-Length: 6\r\n\r\npoison`,
  });
  await using rig = startEngine([replica]);
  using client = await RawClient.connect(rig.port);
  for (let at = 0; at < 5; at++) {
    await client.send(GET);
    assertMatch(await client.until(/ok$|poison/), /ok$/);
  }
  assertEquals(replica.connections.length, 5);
});

test("gives no early answer's connection to another request while the content of its own is missing", async () => {
  await using early = startSlowReplica([`${OK}Content-Length: 5\r\n\r\nearly`]);
  await using rig = startEngine([early]);
  using client = await RawClient.connect(rig.port);
  await client.send("POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 1000\r\n\r\nhello");
  const text = await client.toEnd();
  assertMatch(text, /^HTTP\/1\.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nearly$/);
  assertMatch(await say(rig.port, GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")), /early$/);
});

/** Answers the first bytes of each connection with a text in pieces, and waits between them. */
function startSlowReplica(pieces: readonly string[], between: Promise<void> = Promise.resolve()) {
  return serveRaw(async (conn) => {
    if (await readText(conn) === "") return;
    for (const [at, piece] of pieces.entries()) {
      if (at > 0) await between;
      await writeText(conn, piece);
    }
  });
}
