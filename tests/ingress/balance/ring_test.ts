import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Endpoint } from "../../../lib/cluster/endpoint.ts";
import type { Balancer } from "../../../lib/ingress/balance/balancer.ts";
import { balancerOf, candidateOf, endpoint, endpoints, pickName, policy, repeat, send, tally } from "./rig.ts";

const by = policy({ balance: { hash: "source" } });
const KEYS = repeat(10_000, (n) => `10.0.${n >> 8}.${n & 255}`);

function ownersIn(balancer: Balancer): string[] {
  return KEYS.map((key) => pickName(balancer, by, { key }));
}

/** How many keys have another owner in the second list. */
function moved(before: readonly string[], after: readonly string[]): number {
  return before.filter((owner, at) => owner !== after[at]).length;
}

Deno.test("a ring gives each replica about its share of the keys", () => {
  const counts = Object.values(tally(ownersIn(balancerOf(endpoints(10)))));
  assertEquals(counts.length, 10);
  for (const count of counts) assert(count > 650 && count < 1_400, `${count}`);
});

Deno.test("a ring takes keys only from the replica that goes, and gives keys only to the one that comes", () => {
  const balancer = balancerOf(endpoints(10));
  const before = ownersIn(balancer);
  balancer.replace(endpoints(10).filter(({ slot }) => slot !== 4), 1);
  const without = ownersIn(balancer);
  assertEquals(moved(before, without), tally(before).r4);
  balancer.replace(endpoints(11), 2);
  const more = ownersIn(balancer);
  assertEquals(moved(before, more), tally(more).r10);
  assert(moved(before, more) < 2 * KEYS.length / 11);
});

Deno.test("a ring moves no key when a replica's successor, or its next place, has the same slot", () => {
  const balancer = balancerOf(endpoints(5));
  const before = ownersIn(balancer);
  const successor = endpoint(2, { replica: "s2", fence: 7, nodeUrl: "http://n2:1" });
  const expected = before.map((owner) => owner === "r2" ? "s2" : owner);
  balancer.replace([...endpoints(5), successor], 1);
  assertEquals(ownersIn(balancer), expected);
  balancer.replace([...endpoints(5).filter(({ slot }) => slot !== 2), successor], 2);
  assertEquals(ownersIn(balancer), expected);
});

Deno.test("a ring passes the keys of who is full, ejected, suspect or tried on, and gives them back", () => {
  const balancer = balancerOf(endpoints(5));
  const before = ownersIn(balancer);
  const narrow = policy({ balance: { hash: "source" }, connections_max: 1, ejection: { failures: 1 } });
  const key = KEYS[before.indexOf("r3")]!;
  const own = () => pickName(balancer, narrow, { key });
  assertEquals(own(), "r3");
  const next = pickName(balancer, narrow, { key, exclude: ["r3"] });
  assert(next !== "r3");
  balancer.begin(candidateOf(balancer, "r3"));
  assertEquals(own(), next);
  balancer.end(candidateOf(balancer, "r3"), { nowMs: 0, tookMs: 1, outcome: "left", policy: narrow });
  assertEquals(own(), "r3");
  balancer.replace(endpoints(5).map((each) => ({ ...each, suspect: each.slot === 3 })), 0);
  assertEquals(own(), next);
  balancer.replace(endpoints(5), 0);
  assertEquals(own(), "r3");
  send(balancer, "r3", { by: narrow, outcome: "failed" });
  assertEquals(own(), next);
});

Deno.test("a request without a key goes to any replica in turn", () => {
  const balancer = balancerOf(endpoints(2));
  assertEquals([pickName(balancer, by), pickName(balancer, by)], ["r0", "r1"]);
});

Deno.test("property: a ring that went through changes is the same as one made at once", () => {
  const slots = fc.subarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 1 });
  const keys = KEYS.slice(0, 200);
  fc.assert(
    fc.property(fc.array(slots, { minLength: 1, maxLength: 8 }), fc.nat(3), (changes, fence) => {
      const balancer = balancerOf([]);
      let now: Endpoint[] = [];
      for (const [nowMs, change] of changes.entries()) {
        now = change.map((n) => endpoint(n, { fence: nowMs % (fence + 1) }));
        balancer.replace(now, nowMs);
        pickName(balancer, by, { key: "a" });
      }
      const fresh = balancerOf(now);
      for (const key of keys) assertEquals(pickName(balancer, by, { key }), pickName(fresh, by, { key }));
    }),
    { numRuns: 50 },
  );
});

Deno.test("property: removing a replica moves its own keys, and no others", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(), (count, which) => {
      const gone = which % count;
      const before = balancerOf(endpoints(count));
      const after = balancerOf(endpoints(count).filter(({ slot }) => slot !== gone));
      for (const key of KEYS.slice(0, 500)) {
        const owner = pickName(before, by, { key });
        if (owner !== `r${gone}`) assertEquals(pickName(after, by, { key }), owner);
      }
    }),
    { numRuns: 50 },
  );
});
