import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { nextInTurn } from "../../../lib/ingress/balance/round_robin.ts";
import { tierOf } from "../../../lib/ingress/balance/tier.ts";
import { ask, balancerOf, candidate, choice, endpoint, endpoints, pickName, policy, repeat, tally } from "./rig.ts";

function picks(count: number, tier: ReturnType<typeof tierOf>, by = choice()): (string | undefined)[] {
  return repeat(count, () => nextInTurn(tier, by)?.endpoint.replica);
}

Deno.test("nextInTurn() goes round all", () => {
  const tier = tierOf([candidate(0), candidate(1), candidate(2)]);
  assertEquals(picks(5, tier), ["r0", "r1", "r2", "r0", "r1"]);
});

Deno.test("nextInTurn() passes over who doesn't fit, and finds nobody where nobody does", () => {
  const tier = tierOf([candidate(0), candidate(1, { inFlight: 1_024 }), candidate(2)]);
  assertEquals(picks(4, tier), ["r0", "r2", "r0", "r2"]);
  assertEquals(picks(1, tier, choice({ ask: ask({ exclude: ["r0", "r2"] }) })), [undefined]);
  assertEquals(picks(1, tierOf([])), [undefined]);
});

Deno.test("nextInTurn() gives a young replica its part of a share, evenly spread", () => {
  const [old, young] = [{ readySinceMs: -1_000 }, { readySinceMs: -500 }];
  const tier = tierOf([candidate(0, old), candidate(1, young), candidate(2, old)]);
  // Half of the time has gone by: 0.1 + 0.9 / 2 = 0.55 of a share.
  const names = picks(2_550, tier, choice({ slowStartMs: 1_000 }));
  assertEquals(tally(names), { r0: 1_000, r1: 550, r2: 1_000 });
  const gaps = names.join(" ").split("r1").map((gap) => gap.trim().split(" ").length);
  assert(Math.max(...gaps) <= 4, `${Math.max(...gaps)}`);
});

Deno.test("nextInTurn() takes young ones in turn where no other fits", () => {
  const tier = tierOf([candidate(0, { readySinceMs: -1 }), candidate(1, { readySinceMs: -1 })]);
  assertEquals(tally(picks(100, tier, choice({ slowStartMs: 1_000 }))), { r0: 50, r1: 50 });
});

Deno.test("property: round robin serves those who stay equally often, whoever comes and goes", () => {
  const STAYING = [2, 5, 6, 9];
  const others = fc.subarray([0, 1, 3, 4, 7, 8, 10]);
  fc.assert(fc.property(fc.array(fc.tuple(others, fc.nat(12)), { maxLength: 40 }), (steps) => {
    const balancer = balancerOf(STAYING.map((n) => endpoint(n)));
    const counts = new Map(STAYING.map((n) => [`r${n}`, 0]));
    for (const [coming, requests] of steps) {
      balancer.replace([...STAYING, ...coming].sort((a, b) => a - b).map((n) => endpoint(n)), 0);
      for (const name of repeat(requests, () => pickName(balancer, policy()))) {
        if (counts.has(name)) counts.set(name, counts.get(name)! + 1);
      }
      const all = [...counts.values()];
      assert(Math.max(...all) - Math.min(...all) <= 1, JSON.stringify([...counts]));
    }
  }));
});

Deno.test("property: without changes each of n requests in a row goes to another replica", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(100), (count, before) => {
    const balancer = balancerOf(endpoints(count));
    repeat(before, () => pickName(balancer, policy()));
    assertEquals(new Set(repeat(count, () => pickName(balancer, policy()))).size, count);
  }));
});
