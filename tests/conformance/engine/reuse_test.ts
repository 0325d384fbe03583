import { assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { RawClient, say, statusesIn } from "./raw_client.ts";
import { startRecorder } from "./recorder.ts";
import { startEngine } from "./rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `the engine ${name}`, ignore: !granted, fn });
}

const GET = "GET /next HTTP/1.1\r\nHost: web\r\n\r\n";
const CLOSING = GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");

test("uses one connection to a replica for one request after the other, of whichever client", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica]);
  for (let at = 0; at < 5; at++) assertEquals(statusesIn(await say(rig.port, GET + CLOSING)), [200, 200]);
  assertEquals([replica.connections.length, replica.requests.length], [1, 10]);
});

test("takes what is beyond the declared content for the next request, and refuses it", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica]);
  const long = "POST /long HTTP/1.1\r\nHost: web\r\nContent-Length: 3\r\n\r\nabcXYZ\r\n\r\n";
  assertEquals(statusesIn(await say(rig.port, long + GET)), [200, 400]);
  assertEquals(replica.requests.map(({ target, content }) => [target, content]), [["/long", "abc"]]);
  assertEquals(statusesIn(await say(rig.port, CLOSING)), [200]);
});

test("discards what follows a request that asked to close", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica]);
  assertEquals(statusesIn(await say(rig.port, CLOSING + GET)), [200]);
  assertEquals(replica.requests.length, 1);
});

test("uses no connection again over which content broke off", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica]);
  await say(rig.port, CLOSING);
  using client = await RawClient.connect(rig.port);
  // Beyond what is taken in whole before it is sent.
  await client.send(`POST /cut HTTP/1.1\r\nHost: web\r\nContent-Length: 300000\r\n\r\n${"a".repeat(100_000)}`);
  while (!replica.text.includes("/cut")) await new Promise((resolve) => setTimeout(resolve, 5));
  await client.end();
  await client.toEnd();
  assertMatch(await say(rig.port, CLOSING), /^HTTP\/1\.1 200 /);
  assertEquals(replica.connections.length, 2);
  assertEquals(replica.requests.map(({ target }) => target), ["/next", "/next"]);
});

test("answers pipelined requests in order, however long each takes", async () => {
  await using replica = startRecorder({
    answer: ({ target }) => `HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`,
  });
  await using rig = startEngine([replica]);
  const targets = Array.from({ length: 50 }, (_, at) => `/${at}`);
  const text = targets.map((target) => GET.replace("/next", target)).join("");
  const answer = await say(rig.port, text, { isEnding: true });
  assertEquals([...answer.matchAll(/\r\n\r\n(\/\d+)/g)].map(([, target]) => target), targets);
});
