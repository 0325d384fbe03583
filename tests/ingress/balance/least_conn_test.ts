import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { leastBusy } from "../../../lib/ingress/balance/least_conn.ts";
import { tierOf } from "../../../lib/ingress/balance/tier.ts";
import { ask, busy, candidate, choice, policy, repeat } from "./rig.ts";

Deno.test("leastBusy() takes the one with the fewest requests under way", () => {
  assertEquals(leastBusy(busy(3, 1, 2), choice())?.endpoint.replica, "r1");
});

Deno.test("leastBusy() takes equals in turn", () => {
  const tier = busy(1, 0, 1, 0, 0);
  const busyTier = busy(2, 3, 2);
  assertEquals(repeat(4, () => leastBusy(tier, choice())?.endpoint.replica), ["r1", "r3", "r4", "r1"]);
  assertEquals(repeat(4, () => leastBusy(busyTier, choice())?.endpoint.replica), ["r0", "r2", "r0", "r2"]);
});

Deno.test("leastBusy() counts a young replica's requests for more", () => {
  const old = { readySinceMs: -1_000 };
  const tier = tierOf([candidate(0, { ...old, inFlight: 8 }), candidate(1, { ...old, inFlight: 10 }), candidate(2)]);
  const young = choice({ slowStartMs: 1_000 });
  assertEquals(leastBusy(tier, young)?.endpoint.replica, "r0");
  tier.candidates[0]!.inFlight = 10;
  assertEquals(leastBusy(tier, young)?.endpoint.replica, "r2");
});

Deno.test("property: least_conn never picks a replica that is busier than another that fits", () => {
  const loads = fc.array(fc.tuple(fc.nat(6), fc.boolean()), { minLength: 1, maxLength: 30 });
  fc.assert(fc.property(loads, fc.nat(100), (given, turn) => {
    const tier = busy(...given.map(([inFlight]) => inFlight));
    tier.turn = turn % given.length;
    const exclude = given.flatMap(([, isTried], n) => isTried ? [`r${n}`] : []);
    const picked = leastBusy(tier, choice({ ask: ask({ exclude }), policy: policy({ connections_max: 6 }) }));
    const fitting = given.filter(([inFlight, isTried]) => !isTried && inFlight < 6).map(([inFlight]) => inFlight);
    assertEquals(picked?.inFlight, fitting.length === 0 ? undefined : Math.min(...fitting));
    assert(picked === undefined || !exclude.includes(picked.endpoint.replica));
  }));
});
