import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { SESSION_MS } from "../../../../lib/controller/people/sessions.ts";
import { systemClock } from "../../../../lib/runtime/clock.ts";
import { granted } from "../../../support/granted.ts";
import { startFakeAgent } from "../../fake_agent.ts";
import { startController } from "../../run_harness.ts";
import { startApi } from "../harness.ts";

const ROOT = "correct-horse-battery";
const asRoot = { headers: { authorization: `Bearer ${ROOT}` } };
const ENDED_WITHIN_MS = 2_000;

Deno.test("an event stream ends within two seconds of its token's expiry", async () => {
  let aheadMs = 0;
  await using harness = await startApi({ token: ROOT, clock: { ...systemClock, wall: () => Date.now() + aheadMs } });
  const body = { name: "ada", role: "viewer", ttl: "1h" };
  const { token } = await (await harness.call("POST", "/v1/tokens", { ...asRoot, body })).json();
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  const stream = await harness.call("GET", "/v1/events", { headers });
  aheadMs = 3_600_000;
  const endedMs = await ended(stream);
  assert(endedMs < ENDED_WITHIN_MS, `${endedMs} ms`);
});

Deno.test("a session's streams end within two seconds of its end and of its 12 hours; its token's own go on", async () => {
  let aheadMs = 0;
  await using harness = await startApi({
    token: ROOT,
    clock: { ...systemClock, now: () => systemClock.now() + aheadMs },
  });
  const follow = async (headers: Record<string, string>) =>
    await harness.call("GET", "/v1/events", { headers: { ...headers, accept: "text/event-stream" } });
  const begin = async () => {
    const begun = await harness.call("POST", "/v1/session", asRoot);
    await begun.body?.cancel();
    return { cookie: begun.headers.get("set-cookie")!.split(";")[0]! };
  };
  const session = await begin();
  const left = await follow(session);
  const headers = { ...session, origin: "http://127.0.0.1:8000" };
  assertEquals((await harness.call("DELETE", "/v1/session", { headers })).status, 204);
  const leftMs = await ended(left);

  const others = (await follow(asRoot.headers)).body!.getReader();
  const over = await follow(await begin());
  aheadMs = SESSION_MS;
  const took = [leftMs, await ended(over)];
  assert(Math.max(...took) < ENDED_WITHIN_MS, took.join());
  assertEquals((await others.read()).done, false);
  await others.cancel();
});

Deno.test({
  name: "streams of a removed token's owner end within two seconds, over HTTP, and those of others go on",
  ignore: !granted,
  fn: async () => {
    await using agent = startFakeAgent("a");
    await using controller = await startController({ token: ROOT, agents: [agent.url] });
    const ask = (path: string, init: RequestInit) => fetch(`${controller.url}${path}`, init);
    const root = { headers: { ...asRoot.headers, accept: "text/event-stream" } };
    const made = await ask("/v1/tokens", { ...asRoot, method: "POST", body: '{"name":"ada","role":"viewer"}' });
    const { token } = await made.json();
    const ada = { headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" } };

    await (await ask("/scale", { ...asRoot, method: "POST", body: '{"replicas":1}' })).body?.cancel();
    const replica = await firstReplica(() => ask("/v1/replicas", asRoot));
    agent.answer = (request) => new URL(request.url).pathname.endsWith("/logs") ? new Response(silence()) : undefined;
    const [events, logs, lines, others] = await Promise.all([
      ask("/v1/events", ada),
      ask("/v1/services/payload/logs?follow=true", ada),
      ask(`/v1/replicas/${replica}/logs?follow=true`, ada),
      ask("/v1/events", root),
    ]);
    assertEquals([events, logs, lines, others].map(({ status }) => status), [200, 200, 200, 200]);
    const removed = await ask("/v1/tokens/ada", { ...asRoot, method: "DELETE" });
    await removed.body?.cancel();
    const took = await Promise.all([ended(events), ended(logs), ended(lines)]);
    assert(Math.max(...took) < ENDED_WITHIN_MS, took.join());
    const late = ask("/status", ada).then(async (response) => {
      await response.body?.cancel();
      return response.status;
    });
    assertEquals(await late, 401);
    const reader = others.body?.getReader();
    assertEquals((await reader?.read())?.done, false);
    await reader?.cancel();
  },
});

/** How long the answer goes on; that it breaks off is an end as well. */
async function ended({ body }: Response): Promise<number> {
  const sinceMs = performance.now();
  assert(body !== null);
  await body.pipeTo(new WritableStream()).catch((error) => assertInstanceOf(error, TypeError));
  return performance.now() - sinceMs;
}

async function firstReplica(list: () => Promise<Response>): Promise<string> {
  for (;;) {
    const { items: [first] } = await (await list()).json();
    if (first !== undefined) return first.id;
    await systemClock.sleep(20);
  }
}

/** An answer whose bytes don't come. */
function silence(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("\n")) });
}
