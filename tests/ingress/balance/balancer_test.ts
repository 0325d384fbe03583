import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Endpoint } from "../../../lib/cluster/endpoint.ts";
import type { Candidate } from "../../../lib/ingress/balance/candidate.ts";
import { ask, balancerOf, candidateOf, chanceOf, endpoint, endpoints, pickName, policy, repeat, send } from "./rig.ts";

const WAYS = ["round_robin", "least_conn", "two_choices", "peak_ewma", { hash: "source" }] as const;
const nameOf = (balance: typeof WAYS[number]) => typeof balance === "string" ? balance : "hash";

for (const balance of WAYS) {
  const by = policy({ balance, connections_max: 1, ejection: { failures: 1, share: 1 } });

  Deno.test(`${nameOf(balance)} takes suspect nodes only when no other fits`, () => {
    const balancer = balancerOf([endpoint(0), endpoint(1, { suspect: true })]);
    assertEquals(new Set(repeat(9, () => pickName(balancer, by, { key: "a" }))), new Set(["r0"]));
    assertEquals(pickName(balancer, by, { key: "a", exclude: ["r0"] }), "r1");
    balancer.begin(candidateOf(balancer, "r0"));
    assertEquals(pickName(balancer, by, { key: "a" }), "r1");
  });

  Deno.test(`${nameOf(balance)} says whether all are full or none is there`, () => {
    const balancer = balancerOf([]);
    assertEquals(pickName(balancer, by, { key: "a" }), "none");
    balancer.replace(endpoints(2), 0);
    for (const each of balancer.candidates) balancer.begin(each);
    assertEquals(pickName(balancer, by, { key: "a" }), "full");
    assertEquals(pickName(balancer, by, { key: "a", exclude: ["r0"] }), "full");
    assertEquals(pickName(balancer, by, { key: "a", exclude: ["r0", "r1"] }), "none");
  });

  Deno.test(`${nameOf(balance)} takes an ejected replica when nobody else is left, not when others are only full`, () => {
    const balancer = balancerOf(endpoints(2));
    send(balancer, "r0", { by, outcome: "failed" });
    assertEquals(pickName(balancer, by, { key: "a", exclude: ["r1"] }), "r0");
    balancer.begin(candidateOf(balancer, "r1"));
    assertEquals(pickName(balancer, by, { key: "a" }), "full");
    balancer.begin(candidateOf(balancer, "r0"));
    assertEquals(pickName(balancer, by, { key: "a", exclude: ["r1"] }), "full");
  });
}

Deno.test("replace() keeps what is known of a replica while it stays in its place", () => {
  const balancer = balancerOf(endpoints(2));
  const r0 = candidateOf(balancer, "r0");
  balancer.begin(r0);
  balancer.replace([endpoint(0, { suspect: true }), endpoint(2)], 5);
  assert(candidateOf(balancer, "r0") === r0);
  assertEquals([r0.inFlight, r0.readySinceMs, r0.endpoint.suspect], [1, 0, true]);
});

Deno.test("replace() begins anew with a replica in another place, or with another fence", () => {
  const changes: Partial<Endpoint>[] = [{ fence: 2 }, { port: 1 }, { nodeUrl: "http://n2:1" }];
  for (const change of changes) {
    const balancer = balancerOf(endpoints(1));
    const old = candidateOf(balancer, "r0");
    balancer.begin(old);
    balancer.replace([endpoint(0, change)], 5);
    const { inFlight, readySinceMs } = candidateOf(balancer, "r0");
    assertEquals([inFlight, readySinceMs, old.isGone], [0, 5, true]);
  }
});

Deno.test("a request that ends at a withdrawn replica changes nothing but its count", () => {
  const by = policy({ ejection: { failures: 1 } });
  const balancer = balancerOf(endpoints(4));
  const r0 = candidateOf(balancer, "r0");
  balancer.begin(r0);
  balancer.replace(endpoints(4).slice(1), 5);
  assertEquals(balancer.end(r0, { nowMs: 6, tookMs: 6, outcome: "failed", policy: by }), false);
  assertEquals([r0.inFlight, r0.failures], [0, 0]);
});

Deno.test("end() refuses to end what was not begun", () => {
  const balancer = balancerOf(endpoints(1));
  const ending = { nowMs: 0, tookMs: 1, outcome: "left", policy: policy() } as const;
  assertThrows(() => balancer.end(candidateOf(balancer, "r0"), ending), Error, 'at replica "r0": none is under way');
});

Deno.test("property: whatever happens, only what is there, fits and wasn't tried is picked, and counts are right", () => {
  const N = 8;
  const replica = fc.nat(N - 1);
  const step = fc.oneof(
    fc.record({ kind: fc.constant("pick" as const), tried: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7]), key: fc.string() }),
    fc.record({
      kind: fc.constant("end" as const),
      which: fc.nat(),
      outcome: fc.constantFrom("answered" as const, "failed" as const, "left" as const),
    }),
    fc.record({
      kind: fc.constant("replace" as const),
      slots: fc.uniqueArray(fc.tuple(replica, fc.boolean(), fc.nat(1)), { selector: ([n]) => n }),
    }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(8_000) }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
  const run = (balance: typeof WAYS[number], seed: number, steps: Step[]) => {
    const by = policy({ balance, connections_max: 2, slow_start: "5s", ejection: { failures: 2, share: 0.7 } });
    const balancer = balancerOf(endpoints(N));
    const chance = chanceOf(seed);
    const underWay: Candidate[] = [];
    let nowMs = 0;
    for (const it of steps) {
      if (it.kind === "wait") {
        nowMs += it.ms;
      } else if (it.kind === "replace") {
        const given = it.slots.toSorted(([a], [b]) => a - b);
        balancer.replace(given.map(([n, suspect, fence]) => endpoint(n, { suspect, fence })), nowMs);
      } else if (it.kind === "end") {
        const [ending] = underWay.splice(it.which % Math.max(1, underWay.length), 1);
        if (ending !== undefined) balancer.end(ending, { nowMs, tookMs: 3, outcome: it.outcome, policy: by });
      } else {
        const exclude = it.tried.map((n) => `r${n}`);
        const there = [...balancer.candidates].filter(({ endpoint }) => !exclude.includes(endpoint.replica));
        const healthy = there.filter(({ ejectedUntilMs }) => ejectedUntilMs <= nowMs);
        const fitting = (healthy.length > 0 ? healthy : there).filter(({ inFlight }) => inFlight < 2);
        const picked = balancer.pick(by, ask({ nowMs, chance, exclude, key: it.key }));
        if (picked.kind === "picked") {
          assert(fitting.includes(picked.candidate));
          const isLast = fitting.every(({ endpoint }) => endpoint.suspect);
          assert(!picked.candidate.endpoint.suspect || isLast);
          balancer.begin(picked.candidate);
          underWay.push(picked.candidate);
        } else {
          assertEquals(fitting, []);
          assertEquals(picked.kind, there.length === 0 ? "none" : "full");
        }
      }
      for (const each of balancer.candidates) {
        assertEquals(each.inFlight, underWay.filter((one) => one === each).length);
      }
    }
  };
  fc.assert(fc.property(fc.constantFrom(...WAYS), fc.integer(), fc.array(step, { maxLength: 60 }), run));
});
