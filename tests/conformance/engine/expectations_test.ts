import { assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { readText, serveRaw, serveReplica, writeText } from "../../ingress/rig.ts";
import { RawClient, say, statusesIn } from "./raw_client.ts";
import { startEngine } from "./rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `the engine ${name}`, ignore: !granted, fn });
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const EXPECTING = "POST / HTTP/1.1\r\nHost: web\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";

test("passes on that a replica agrees to take content, and then the content", async () => {
  const seen: string[] = [];
  await using replica = serveRaw(async (conn) => {
    seen.push(await readText(conn));
    await writeText(conn, "HTTP/1.1 100 Continue\r\n\r\n");
    seen.push(await readText(conn));
    await writeText(conn, OK);
  });
  await using rig = startEngine([replica]);
  using client = await RawClient.connect(rig.port);
  await client.send(EXPECTING);
  assertEquals(statusesIn(await client.until(/\r\n\r\n/)), [100]);
  await client.send("hello");
  assertMatch(await client.until(/ok$/), /^HTTP\/1\.1 200 OK\r\n/);
  assertMatch(seen[0]!, /\r\nExpect: 100-continue\r\n/);
  assertEquals(seen[1], "hello");
});

test("passes on that a replica doesn't want content, and takes none for a request", async () => {
  await using replica = serveRaw(async (conn) => {
    await readText(conn);
    await writeText(conn, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
    await readText(conn);
  });
  await using rig = startEngine([replica]);
  using client = await RawClient.connect(rig.port);
  await client.send(EXPECTING);
  assertMatch(await client.until(/no$/), /^HTTP\/1\.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n/);
  await client.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n");
  assertEquals(await client.toEnd(), "");
});

test("passes interim answers on to clients that know them, and 100 only where it is expected", async () => {
  await using replica = serveRaw(async (conn) => {
    await readText(conn);
    await writeText(conn, `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`);
  });
  await using rig = startEngine([replica]);
  const text = await say(rig.port, "GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n");
  assertEquals(statusesIn(text), [103, 200]);
  assertMatch(text, /Link: <\/a>\r\n/);
  assertEquals(statusesIn(await say(rig.port, "GET / HTTP/1.0\r\nHost: web\r\n\r\n")), [200]);
});

test("passes an interim answer on without what would frame it", async () => {
  await using replica = serveRaw(async (conn) => {
    await readText(conn);
    await writeText(conn, `HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n${OK}`);
  });
  await using rig = startEngine([replica]);
  const text = await say(rig.port, "GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n");
  assertEquals([statusesIn(text), text.includes("Content-Length: 5")], [[103, 200], false]);
});

test("answers HEAD with the head alone, its own errors too, and the connection goes on", async () => {
  await using replica = serveReplica(() => new Response("hello"));
  await using rig = startEngine([replica]);
  using client = await RawClient.connect(rig.port);
  const head = "HEAD / HTTP/1.1\r\nHost: web\r\n\r\n";
  await client.send(head);
  assertMatch(await client.until(/\r\n\r\n/), /content-length: 5\r\n[^]*\r\n\r\n$/i);
  rig.set([], { queue: { length: 0 } });
  await client.send(head);
  assertMatch(await client.until(/\r\n\r\n/), /^HTTP\/1\.1 503 [^]*\r\n\r\n$/);
  rig.set([replica]);
  await client.send(head);
  assertEquals(statusesIn(await client.until(/\r\n\r\n/)), [200]);
});

test("keeps a connection of HTTP/1.0 when that is agreed", async () => {
  await using replica = serveReplica(() => new Response("hello"));
  await using rig = startEngine([replica]);
  using client = await RawClient.connect(rig.port);
  for (let at = 0; at < 2; at++) {
    await client.send("GET / HTTP/1.0\r\nHost: web\r\nConnection: keep-alive\r\n\r\n");
    assertMatch(await client.until(/hello$/), /\r\nConnection: keep-alive\r\n/);
  }
});
