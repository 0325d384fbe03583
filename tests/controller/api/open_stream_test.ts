import { assertEquals, assertStringIncludes } from "@std/assert";
import { Seats } from "../../../lib/controller/api/seats.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { type Harness, startApi } from "./harness.ts";

const ROOT = "correct-horse-battery";
const SEATS = 2;
const asRoot = { headers: { authorization: `Bearer ${ROOT}` } };
const asksEvents = { accept: "text/event-stream" };

Deno.test("HEAD of a stream takes no seat for good, and leaves no connection to an agent", async () => {
  await using harness = await startApi({ token: ROOT });
  const agent = await silentAgent(harness);
  for (const path of agent.streams) {
    for (let times = 0; times <= SEATS; times++) {
      const { status, body } = await harness.call("HEAD", path, { headers: { ...asRoot.headers, ...asksEvents } });
      assertEquals([status, body], [200, null], path);
    }
    assertEquals(freeSeats(harness), SEATS, path);
  }
  await until(() => agent.asked > 0 && agent.open.size === 0);
});

Deno.test("streams that nobody reads give their seats and connections back once their token is removed", async () => {
  await using harness = await startApi({ token: ROOT });
  const agent = await silentAgent(harness);
  for (const path of agent.streams) {
    const token = await tokenOf(harness, "ada");
    const headers = { authorization: `Bearer ${token}`, ...asksEvents };
    const open = [await harness.call("GET", path, { headers }), await harness.call("GET", path, { headers })];
    assertEquals([open.map(({ status }) => status), freeSeats(harness)], [[200, 200], 0], path);
    await removeToken(harness, "ada");
    await until(() => freeSeats(harness) === SEATS && agent.open.size === 0);
  }
});

Deno.test("who reads the snapshot on after the token's removal gets nothing that was set after it", async () => {
  await using harness = await startApi({ token: ROOT });
  const filling = "x".repeat(8_000);
  const put = async (name: string, marker: string) => {
    const env = { A: filling, B: filling, C: filling, D: filling, E: filling, MARKER: marker };
    const body = { command: ["web"], replicas: 0, env };
    const answer = await harness.call("PUT", `/v1/services/${name}`, { ...asRoot, body });
    await answer.body?.cancel();
    assertEquals(answer.ok, true);
  };
  for (let n = 0; n < 6; n++) await put(`s${n}`, "before");
  const token = await tokenOf(harness, "ada");
  const { body } = await harness.call("GET", "/v1/watch", { headers: { authorization: `Bearer ${token}` } });
  const reader = body!.pipeThrough(new TextDecoderStream(), { preventCancel: true }).getReader();
  assertStringIncludes((await reader.read()).value ?? "", "before");
  await removeToken(harness, "ada");
  await put("s5", "after the removal");
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  assertEquals(text.includes("after the removal"), false);
});

Deno.test("one token has 50 streams at most, its sessions' with them, and others have theirs all the same", async () => {
  await using harness = await startApi({ token: ROOT });
  harness.api.streams = new Seats(200);
  const bearer = { authorization: `Bearer ${await tokenOf(harness, "ada")}` };
  const session = await harness.call("POST", "/v1/session", { headers: bearer });
  await session.body?.cancel();
  const cookie = session.headers.get("set-cookie")!.split(";")[0]!;
  const open = (headers: Record<string, string>) =>
    harness.call("GET", "/v1/events", { headers: { ...headers, ...asksEvents } });
  for (let n = 0; n < 50; n++) assertEquals((await open(n % 2 === 0 ? bearer : { cookie })).status, 200);
  for (const own of [bearer, { cookie }]) {
    const refused = await open(own);
    assertEquals([refused.status, refused.headers.get("retry-after")], [503, "5"]);
    assertStringIncludes((await refused.json()).detail, 'the token "ada" has 50 streams open');
  }
  assertEquals((await open(asRoot.headers)).status, 200);
});

Deno.test("where nobody is asked for a token, loopback may have all streams and another address 50", async () => {
  await using harness = await startApi();
  harness.api.streams = new Seats(200);
  const open = async (from: string) => (await harness.call("GET", "/v1/events", { headers: asksEvents, from })).status;
  const statuses = async (from: string) => {
    const found = new Set<number>();
    for (let n = 0; n < 51; n++) found.add(await open(from));
    return [...found];
  };
  assertEquals(await statuses("127.0.0.1"), [200]);
  assertEquals(await statuses("10.0.0.1"), [200, 503]);
  assertEquals(await statuses("10.0.0.2"), [200, 503]);
});

/** An agent whose lines don't come, and the routes of all kinds of streams. */
async function silentAgent(harness: Harness) {
  await harness.addNode("a");
  await harness.call("POST", "/scale", { ...asRoot, body: { replicas: 1 } });
  await harness.shell.until(() => harness.api.state.replicas.size === 1, 1_000);
  const [id] = harness.api.state.replicas.keys();
  const streams = ["/v1/watch", "/v1/events", "/v1/services/payload/logs?follow=true", `/v1/replicas/${id}/logs`];
  const open = new Set<ReadableStreamDefaultController>();
  const agent = { streams, asked: 0, open };
  harness.api.client.request = (_base, _path, { signal }) => {
    agent.asked += 1;
    let connection: ReadableStreamDefaultController;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void open.add(connection = controller),
      pull: () => new Promise<void>(() => {}),
      cancel: () => void open.delete(connection),
    });
    // As what `fetch` gives.
    signal.addEventListener("abort", () => open.delete(connection) && connection.error(signal.reason));
    return Promise.resolve(new Response(body));
  };
  return agent;
}

function freeSeats({ api: { streams } }: Harness): number {
  const free = Array.from({ length: SEATS }, () => streams.take("nobody", { ownMax: Infinity }))
    .filter((seat) => typeof seat !== "string");
  for (const seat of free) seat[Symbol.dispose]();
  return free.length;
}

async function tokenOf(harness: Harness, name: string): Promise<string> {
  const answer = await harness.call("POST", "/v1/tokens", { ...asRoot, body: { name, role: "viewer" } });
  return (await answer.json()).token;
}

async function removeToken(harness: Harness, name: string): Promise<void> {
  const answer = await harness.call("DELETE", `/v1/tokens/${name}`, asRoot);
  await answer.body?.cancel();
  assertEquals(answer.status, 200);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await systemClock.sleep(20);
}
