import { assertEquals, assertStringIncludes } from "@std/assert";
import { handle } from "../../lib/payload/handler.ts";
import type { Work } from "../../lib/payload/work.ts";
import { workFor } from "./work_for.ts";

function get(work: Work, path: string, init: RequestInit = {}): Promise<Response> {
  return handle(new Request(`http://127.0.0.1:8080${path}`, init), work);
}

async function body(work: Work, path: string): Promise<string> {
  return await (await get(work, path)).text();
}

Deno.test("/ greets to the letter of the contract, with whole seconds of uptime", async () => {
  const work = await workFor();
  work.clock.ms = 12_900;
  assertEquals(await body(work, "/"), "Hello from Worker ID: 0b9e6a4e-0000-4000-8000-000000000000. Uptime: 12s\n");
});

Deno.test("--greeting takes the place of Hello", async () => {
  assertStringIncludes(await body(await workFor("--greeting", "hi"), "/"), "hi from Worker ID: ");
});

Deno.test("/ping, /healthz and unknown paths answer in a word", async () => {
  const work = await workFor();
  assertEquals(await body(work, "/ping"), "pong");
  assertEquals(await body(work, "/healthz"), "ok");
  const lost = await get(work, "/nothing");
  assertEquals([lost.status, await lost.text()], [404, "not found"]);
});

Deno.test("/readyz says 503 with the reason until the delay has passed, and again while draining", async () => {
  const work = await workFor("--ready-delay", "2s");
  const states: [number, string][] = [];
  for (const change of [() => {}, () => work.clock.ms = 2_000, () => work.draining = true]) {
    change();
    const answer = await get(work, "/readyz");
    states.push([answer.status, await answer.text()]);
  }
  assertEquals(states, [[503, "not ready: starting"], [200, "ready"], [503, "not ready: draining"]]);
});

Deno.test("/whoami tells all there is to know", async () => {
  const { pid, version, ...rest } = await (await get(await workFor(), "/whoami")).json();
  assertEquals([typeof pid, typeof version], ["number", "string"]);
  assertEquals(rest, {
    id: "0b9e6a4e-0000-4000-8000-000000000000",
    service: "web",
    slot: 2,
    greeting: "Hello",
    uptime_s: 0,
    started_at: "2026-01-02T00:00:00.000Z",
    ready: true,
    host: "127.0.0.1",
    port: 8080,
  });
});

Deno.test("/metrics counts what was answered before, by code", async () => {
  const work = await workFor();
  for (const path of ["/", "/ping", "/nothing"]) await body(work, path);
  const page = await body(work, "/metrics");
  assertStringIncludes(page, `muster_payload_requests_total{code="200"} 2\n`);
  assertStringIncludes(page, `muster_payload_requests_total{code="404"} 1\n`);
  assertStringIncludes(page, "muster_payload_requests_in_flight 1\n");
});

Deno.test("--error-rate answers 500 in words, and leaves probes alone", async () => {
  const work = await workFor("--error-rate", "1");
  const answer = await get(work, "/");
  assertEquals([answer.status, await answer.text()], [500, "We all gonna die"]);
  assertEquals((await get(work, "/healthz")).status, 200);
});

Deno.test("--latency delays answers, not probes", async () => {
  const work = await workFor("--latency", "100ms");
  await body(work, "/healthz");
  assertEquals(work.clock.ms, 0);
  await body(work, "/");
  assertEquals(work.clock.ms, 100);
});

Deno.test("--crash-at-request counts requests, not probes, and gives that one no answer", async () => {
  const work = await workFor("--crash-at-request", "2");
  await body(work, "/healthz");
  await body(work, "/");
  assertEquals(work.crashes, 0);
  const unanswered = get(work, "/");
  assertEquals(await Promise.race([unanswered, Promise.resolve("pending")]), "pending");
  assertEquals(work.crashes, 1);
});

Deno.test("/echo returns the request, and refuses a body without end", async () => {
  const work = await workFor();
  const answer = await get(work, "/echo?a=b", { method: "PUT", body: "text", headers: { "X-One": "1" } });
  const { method, path, headers, body: sent } = await answer.json();
  assertEquals([method, path, headers["x-one"], sent], ["PUT", "/echo?a=b", "1", "text"]);
  const long = await get(work, "/echo", { method: "POST", body: "x".repeat(2_000_000) });
  assertEquals(long.status, 413);
});

Deno.test("/sleep and /stream keep to their measures and refuse others", async () => {
  const work = await workFor();
  assertEquals(await body(work, "/sleep?ms=250"), "slept 250 ms\n");
  assertEquals(await body(work, "/stream?lines=3&every=1s"), "line 1 of 3\nline 2 of 3\nline 3 of 3\n");
  assertEquals(work.clock.ms, 2_250);
  for (
    const path of ["/sleep", "/sleep?ms=-1", "/sleep?ms=1e9", "/stream?lines=x", "/stream?every=5", "/stream?every=1d"]
  ) {
    assertEquals((await get(work, path)).status, 400, path);
  }
});

Deno.test("/ws asks for a handshake when there is none", async () => {
  const answer = await get(await workFor(), "/ws");
  assertEquals([answer.status, answer.headers.get("upgrade")], [426, "websocket"]);
});
