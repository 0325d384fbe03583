import { assert, assertEquals } from "@std/assert";
import { agesOf, effectiveSlowStartMs, weightOf } from "../../../lib/ingress/balance/slow_start.ts";
import { ask, balancerOf, candidate, chanceOf, endpoint, endpoints, policy, repeat, tally } from "./rig.ts";

Deno.test("weightOf() grows in a line from a tenth to the whole", () => {
  const weightAt = (nowMs: number) => weightOf(candidate(0), 1_000, nowMs);
  assertEquals([-1, 0, 500, 1_000, 9_000].map(weightAt), [0.1, 0.1, 0.55, 1, 1]);
});

Deno.test("effectiveSlowStartMs() is 0 where all are young or none is", () => {
  const effective = (...since: number[]) => {
    return effectiveSlowStartMs(agesOf(since.map((readySinceMs, n) => candidate(n, { readySinceMs }))), 1_000, 2_000);
  };
  assertEquals(effective(0, 1_500), 1_000);
  assertEquals(effective(1_200, 1_500), 0);
  assertEquals(effective(0, 1_000), 0);
  assertEquals(effective(), 0);
});

for (const balance of ["round_robin", "least_conn", "two_choices", "peak_ewma"] as const) {
  Deno.test(`${balance} spares a replica that has just become ready`, () => {
    const by = policy({ balance, slow_start: "10s" });
    const balancer = balancerOf(endpoints(3));
    balancer.replace([...endpoints(3), endpoint(3)], 20_000);
    const chance = chanceOf(7);
    const picks = (nowMs: number) =>
      tally(repeat(1_200, () => {
        const picked = balancer.pick(by, ask({ nowMs, chance }));
        if (picked.kind !== "picked") return picked.kind;
        // Requests that stay, so that what is under way shows the shares.
        balancer.begin(picked.candidate);
        picked.candidate.latencyMs = 1;
        picked.candidate.latencyAtMs = nowMs;
        return picked.candidate.endpoint.replica;
      })).r3 ?? 0;
    const young = picks(20_000);
    assert(young >= 1 && young <= 60, `${young}`);
    for (const each of balancer.candidates) each.inFlight = 0;
    const grown = picks(30_000);
    assert(Math.abs(grown - 300) < 30, `${grown}`);
  });
}
