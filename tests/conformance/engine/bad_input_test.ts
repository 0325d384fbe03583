import { assert, assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { RawClient, say, statusesIn } from "./raw_client.ts";
import { startRecorder } from "./recorder.ts";
import { REFUSED_REQUESTS } from "./refused_requests.ts";
import { startEngine } from "./rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `the engine ${name}`, ignore: !granted, fn });
}

/** What the engine reads of a new connection at once. */
const FIRST_READ_BYTES = 2_048;
/** Follows what is refused, on the same connection. */
const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: web\r\n\r\n";

for (const { name, text, status, isEnding = false } of REFUSED_REQUESTS) {
  test(`answers ${status} to ${name}, closes, and nothing complete reaches a replica`, async () => {
    await using replica = startRecorder();
    await using rig = startEngine([replica]);
    const answer = await say(rig.port, isEnding ? text : text + SMUGGLED, { isEnding });
    assertEquals(statusesIn(answer), [status]);
    assertMatch(answer, /\r\nConnection: close\r\n/);
    assertEquals(replica.requests, []);
    // Content that comes later is passed on as it comes.
    if (!isEnding && text.length < FIRST_READ_BYTES) assertEquals(replica.text, "");
  });
}

test("refuses content that turns out malformed late, without completing it", async () => {
  for (const rest of ["xyz\r\n", "5\r\nhelloX", "0\r\nA : b\r\n\r\n"]) {
    await using replica = startRecorder();
    await using rig = startEngine([replica]);
    using client = await RawClient.connect(rig.port);
    await client.send("POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    while (!replica.text.includes("hello")) await new Promise((resolve) => setTimeout(resolve, 5));
    await client.send(rest);
    assertEquals(statusesIn(await client.toEnd()), [400], rest);
    assertEquals(replica.requests, []);
    assert(!replica.text.endsWith("0\r\n\r\n"));
  }
});

test("refuses content that breaks off late, without completing it", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica]);
  using client = await RawClient.connect(rig.port);
  await client.send("POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 100000\r\n\r\nhello");
  while (!replica.text.includes("hello")) await new Promise((resolve) => setTimeout(resolve, 5));
  await client.end();
  assertEquals(statusesIn(await client.toEnd()), [400]);
  assertEquals(replica.requests, []);
});

test("answers what came before a refused request, and nothing after it", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica]);
  const good = "GET /good HTTP/1.1\r\nHost: web\r\n\r\n";
  const answer = await say(rig.port, `${good}GET / HTTP/1.1\r\nHost: web\r\nA : b\r\n\r\n${SMUGGLED}`);
  assertEquals(statusesIn(answer), [200, 400]);
  assertEquals(replica.requests.map(({ target }) => target), ["/good"]);
});

test("refuses a request the same whether its bytes come at once or one by one", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica]);
  for (const { text, status } of REFUSED_REQUESTS.filter(({ text }) => text.length < 120).slice(0, 12)) {
    const whole = await say(rig.port, text, { isEnding: true });
    assertEquals(statusesIn(await say(rig.port, [...text], { isEnding: true })), [status], text);
    assertEquals(statusesIn(whole), [status], text);
  }
  assertEquals(replica.requests, []);
});

test("goes on after a refusal with other clients", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica]);
  using other = await RawClient.connect(rig.port);
  await other.send("GET /1 HTTP/1.1\r\nHost: web\r\n\r\n");
  await other.until(/ok$/);
  await say(rig.port, "garbage\r\n\r\n");
  await other.send("GET /2 HTTP/1.1\r\nHost: web\r\n\r\n");
  assertEquals(statusesIn(await other.until(/ok$/)), [200]);
});
