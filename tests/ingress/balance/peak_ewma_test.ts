import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { observeFailure, observeLatency, quickerOfTwo } from "../../../lib/ingress/balance/peak_ewma.ts";
import { tierOf } from "../../../lib/ingress/balance/tier.ts";
import { ask, balancerOf, candidate, chanceOf, choice, endpoints, policy, repeat, send, tally } from "./rig.ts";

Deno.test("a latency jumps up to a peak at once and comes down slowly", () => {
  const it = candidate(0);
  observeLatency(it, { tookMs: 10, nowMs: 0 });
  observeLatency(it, { tookMs: 200, nowMs: 1 });
  assertEquals(it.latencyMs, 200);
  observeLatency(it, { tookMs: 10, nowMs: 1_001 });
  assertAlmostEquals(it.latencyMs, 200 * Math.exp(-0.1) + 10 * (1 - Math.exp(-0.1)), 1e-9);
  observeLatency(it, { tookMs: 10, nowMs: 101_001 });
  assertAlmostEquals(it.latencyMs, 10, 0.1);
});

Deno.test("a latency bears a clock that stands still or goes back, and an answer in no time", () => {
  const it = candidate(0);
  observeLatency(it, { tookMs: 0, nowMs: 5 });
  assert(it.latencyMs > 0);
  observeLatency(it, { tookMs: 0.1, nowMs: 4 });
  assert(Number.isFinite(it.latencyMs));
});

Deno.test("quickerOfTwo() weighs latency by what is under way", () => {
  const by = choice();
  const tier = tierOf([candidate(0, { latencyMs: 10 }), candidate(1, { latencyMs: 25 })]);
  assertEquals(quickerOfTwo(tier, by)?.endpoint.replica, "r0");
  tier.candidates[0]!.inFlight = 2;
  assertEquals(quickerOfTwo(tier, by)?.endpoint.replica, "r1");
});

Deno.test("quickerOfTwo() tries an unknown replica with one request, and awaits its answer", () => {
  const tier = tierOf([candidate(0, { latencyMs: 10 }), candidate(1)]);
  assertEquals(quickerOfTwo(tier, choice())?.endpoint.replica, "r1");
  tier.candidates[1]!.inFlight = 1;
  assertEquals(quickerOfTwo(tier, choice())?.endpoint.replica, "r0");
});

Deno.test("quickerOfTwo() asks a replica again once the memory of its peak has faded", () => {
  const tier = tierOf([candidate(0, { latencyMs: 10, latencyAtMs: 60_000 }), candidate(1, { latencyMs: 1_000 })]);
  assertEquals(quickerOfTwo(tier, choice({ ask: ask({ nowMs: 40_000 }) }))?.endpoint.replica, "r0");
  assertEquals(quickerOfTwo(tier, choice({ ask: ask({ nowMs: 60_000 }) }))?.endpoint.replica, "r1");
});

Deno.test("a replica that fails at once does not seem the quickest", () => {
  const it = candidate(0);
  observeFailure(it, { tookMs: 0.2, nowMs: 0 });
  assert(it.latencyMs >= 1_000);
});

Deno.test("peak_ewma sends little to a replica that has become slow", () => {
  const balancer = balancerOf(endpoints(4));
  const by = policy({ balance: "peak_ewma" });
  for (const name of ["r0", "r1", "r2", "r3"]) send(balancer, name, { by, outcome: "answered" });
  const chance = chanceOf(6);
  const names = repeat(1_000, (at) => {
    const picked = balancer.pick(by, ask({ nowMs: at, chance }));
    if (picked.kind !== "picked") return picked.kind;
    const { replica } = picked.candidate.endpoint;
    balancer.begin(picked.candidate);
    balancer.end(picked.candidate, { nowMs: at, tookMs: replica === "r2" ? 100 : 1, outcome: "answered", policy: by });
    return replica;
  });
  assert((tally(names).r2 ?? 0) <= 2, JSON.stringify(tally(names)));
});
