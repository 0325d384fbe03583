import { assert, assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { serveReplica } from "../../ingress/rig.ts";
import { isOldRuntime } from "../../support/runtime_version.ts";
import { RawClient, say, statusesIn } from "./raw_client.ts";
import { startRecorder } from "./recorder.ts";
import { startEngine } from "./rig.ts";

function test(name: string, fn: () => Promise<void>, { ignore = false } = {}): void {
  Deno.test({ name: `the engine ${name}`, ignore: !granted || ignore, fn });
}

/** Far shorter than in earnest. */
const LIMITS = { headMs: 400, idleMs: 400, slowMs: 400, bytesPerSecondMin: 10_000, lingerMs: 400 };
const GET = "GET / HTTP/1.1\r\nHost: web\r\n\r\n";
const POST = "POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 100000\r\n\r\n";

test("answers 408 to a head that doesn't come to its end, however its bytes trickle in", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica], { limits: LIMITS });
  using client = await RawClient.connect(rig.port);
  const listening = client.toEnd();
  for (const letter of "GET / HTTP/1.1\r\nA: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") {
    if (!await client.send(letter) || client.text !== "") break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assertMatch(await listening, /^HTTP\/1\.1 408 [^]*Connection: close\r\n/);
  assertEquals(replica.text, "");
});

test("answers 408 also to a head whose beginning came with the request before it", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica], { limits: { ...LIMITS, idleMs: 60_000 } });
  assertEquals(statusesIn(await say(rig.port, `${GET}GET / HT`)), [200, 408]);
});

test("closes a connection that rests for too long, without a word", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica], { limits: LIMITS });
  assertEquals(await say(rig.port, ""), "");
  assertEquals(statusesIn(await say(rig.port, GET)), [200]);
});

test("cuts off content that comes too slowly, and nothing of it is complete at the replica", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica], { limits: LIMITS });
  using client = await RawClient.connect(rig.port);
  const listening = client.toEnd();
  let isOver = false;
  listening.then(() => isOver = true);
  await client.send(POST);
  while (!isOver && await client.send("a")) await new Promise((resolve) => setTimeout(resolve, 20));
  assert([[], [408]].some((list) => String(list) === String(statusesIn(client.text))), client.text);
  await listening;
  assertEquals(replica.requests, []);
});

test("lets content take its time that keeps above the floor", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica], { limits: { ...LIMITS, bytesPerSecondMin: 200 } });
  using client = await RawClient.connect(rig.port);
  await client.send(POST.replace("100000", "1000"));
  for (let at = 0; at < 20; at++) {
    await client.send("a".repeat(50));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assertEquals(statusesIn(await client.until(/ok$/)), [200]);
});

test("cuts off a client that takes its answer too slowly", async () => {
  await using replica = serveReplica(() => new Response(new Uint8Array(50_000_000)));
  await using rig = startEngine([replica], { limits: LIMITS });
  using client = await RawClient.connect(rig.port);
  await client.send(GET);
  while (rig.visits.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(rig.visits.map(({ ended }) => ended), ["client left"]);
  assert((await client.toEnd()).length < 50_000_000);
  // Older runtimes don't give up a write that waits for its peer.
}, { ignore: isOldRuntime });

test("lets a client take its time that keeps above the floor", async () => {
  const bytes = 12_000_000;
  await using replica = serveReplica(() => new Response(new Uint8Array(bytes)));
  // As long as its system takes to make room in one piece.
  await using rig = startEngine([replica], { limits: { ...LIMITS, slowMs: 1_000, bytesPerSecondMin: 1_000 } });
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: rig.port });
  await conn.write(new TextEncoder().encode(GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")));
  const buffer = new Uint8Array(262_144);
  let read = 0;
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    read += count;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  conn.close();
  assert(read > bytes, `${read} of ${bytes} bytes have come`);
});

test("holds its cap of connections: those beyond are closed at once, the others served", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica], { limits: { ...LIMITS, connectionsMax: 200, idleMs: 60_000 } });
  const idle = await Promise.all(Array.from({ length: 200 }, () => RawClient.connect(rig.port)));
  // The first of them has been accepted when it is answered, and the last one then too.
  await idle.at(-1)!.send(GET);
  await idle.at(-1)!.until(/ok$/);
  assertEquals(await say(rig.port, GET), "");
  for (const client of idle) {
    await client.send(GET);
    assertEquals(statusesIn(await client.until(/ok$/)), [200]);
    client[Symbol.dispose]();
  }
});

test("keeps a tunnel for as long as its route says, and no longer", async () => {
  await using replica = startRecorder({ answer: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" });
  await using rig = startEngine([replica], { limits: LIMITS, route: { tunnel_timeout: "1s" } });
  const asked = "GET / HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
  const started = performance.now();
  assertEquals(statusesIn(await say(rig.port, asked)), [101]);
  assert(performance.now() - started > 900, "the limits of requests don't hold for tunnels");
});

test("discards what follows a refused request for a moment only, and so much only", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica], { limits: { ...LIMITS, lingerBytesMax: 100_000 } });
  using client = await RawClient.connect(rig.port);
  await client.send("garbage\r\n\r\n");
  assertEquals(statusesIn(await client.until(/\}\n$/)), [400]);
  // Writing fails once it has been closed.
  for (let isOpen = true; isOpen;) isOpen = await client.send("a".repeat(10_000));
  assertEquals(replica.text, "");
});
