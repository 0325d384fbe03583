import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Balancer } from "../../../lib/ingress/balance/balancer.ts";
import { balancerOf, candidateOf, endpoint, endpoints, pickName, policy, repeat, send } from "./rig.ts";

const by = policy({ ejection: { failures: 3, for: "10s", share: 0.5 } });

function outAt(balancer: Balancer, nowMs: number): string[] {
  return [...balancer.candidates].filter(({ ejectedUntilMs }) => ejectedUntilMs > nowMs)
    .map(({ endpoint }) => endpoint.replica);
}

Deno.test("a replica is out after its failures in a row, and for its time", () => {
  const balancer = balancerOf(endpoints(4));
  send(balancer, "r1", { by, outcome: "failed", times: 2 });
  assertEquals(outAt(balancer, 0), []);
  send(balancer, "r1", { by, outcome: "failed" });
  assertEquals(outAt(balancer, 9_999), ["r1"]);
  assertEquals(repeat(4, () => pickName(balancer, by, { nowMs: 9_999 })), ["r0", "r2", "r3", "r0"]);
  assertEquals(outAt(balancer, 10_000), []);
});

Deno.test("end() says when it has ejected the replica", () => {
  const balancer = balancerOf(endpoints(4));
  const r1 = candidateOf(balancer, "r1");
  const verdicts = repeat(4, () => {
    balancer.begin(r1);
    return balancer.end(r1, { nowMs: 0, tookMs: 1, outcome: "failed", policy: by });
  });
  assertEquals(verdicts, [false, false, true, false]);
});

Deno.test("an answer ends a row of failures, a client that leaves doesn't", () => {
  const balancer = balancerOf(endpoints(4));
  send(balancer, "r1", { by, outcome: "failed", times: 2 });
  send(balancer, "r1", { by, outcome: "answered" });
  send(balancer, "r1", { by, outcome: "failed", times: 2 });
  assertEquals(outAt(balancer, 0), []);
  send(balancer, "r1", { by, outcome: "left", times: 10 });
  send(balancer, "r1", { by, outcome: "failed" });
  assertEquals(outAt(balancer, 0), ["r1"]);
});

Deno.test("a replica is back on probation: one failure ejects it, for longer; an answer ends it", () => {
  const balancer = balancerOf(endpoints(4));
  send(balancer, "r1", { by, outcome: "failed", times: 3 });
  send(balancer, "r1", { by, outcome: "failed", nowMs: 10_000 });
  assertEquals([outAt(balancer, 29_999), outAt(balancer, 30_000)], [["r1"], []]);
  send(balancer, "r1", { by, outcome: "answered", nowMs: 30_000 });
  send(balancer, "r1", { by, outcome: "failed", nowMs: 30_000, times: 2 });
  assertEquals(outAt(balancer, 30_000), []);
});

Deno.test("what fails or answers while it is out changes nothing: it was sent before", () => {
  const balancer = balancerOf(endpoints(4));
  send(balancer, "r1", { by, outcome: "failed", times: 9 });
  send(balancer, "r1", { by, outcome: "answered", nowMs: 5_000 });
  assertEquals([outAt(balancer, 9_999), outAt(balancer, 10_000)], [["r1"], []]);
  send(balancer, "r1", { by, outcome: "failed", nowMs: 10_000 });
  assertEquals(outAt(balancer, 10_000), ["r1"]);
});

Deno.test("an ejection takes at most ten times as long, and after a quiet time as long as the first", () => {
  const balancer = balancerOf(endpoints(4));
  let nowMs = 0;
  const tookMs = repeat(12, () => {
    send(balancer, "r1", { by, outcome: "failed", nowMs, times: 3 });
    const untilMs = candidateOf(balancer, "r1").ejectedUntilMs;
    const forMs = untilMs - nowMs;
    nowMs = untilMs;
    return forMs / 10_000;
  });
  assertEquals(tookMs, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]);
  nowMs += 100_001;
  send(balancer, "r1", { by, outcome: "failed", nowMs, times: 3 });
  assertEquals(candidateOf(balancer, "r1").ejectedUntilMs, nowMs + 10_000);
});

Deno.test("the last one standing is never ejected, and no share of 0 ejects anybody", () => {
  const all = policy({ ejection: { failures: 1, share: 1 } });
  const none = policy({ ejection: { failures: 1, share: 0 } });
  const balancer = balancerOf(endpoints(3));
  for (const name of ["r0", "r1", "r2"]) send(balancer, name, { by: none, outcome: "failed", times: 5 });
  assertEquals(outAt(balancer, 0), []);
  for (const name of ["r0", "r1", "r2"]) send(balancer, name, { by: all, outcome: "failed" });
  assertEquals(outAt(balancer, 0), ["r0", "r1"]);
});

Deno.test("those who would be back soonest come back when fewer replicas can't spare them", () => {
  const once = policy({ ejection: { failures: 1, for: "10s", share: 0.5 } });
  const balancer = balancerOf(endpoints(4));
  send(balancer, "r0", { by: once, outcome: "failed", nowMs: 0 });
  send(balancer, "r1", { by: once, outcome: "failed", nowMs: 5 });
  assertEquals(outAt(balancer, 10), ["r0", "r1"]);
  balancer.replace([endpoint(0), endpoint(1), endpoint(2)], 10);
  assertEquals(outAt(balancer, 10), ["r1"]);
  balancer.replace([endpoint(1)], 11);
  assertEquals(outAt(balancer, 11), []);
});

Deno.test("property: no more than the share is ever out, rounded down, and never all", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("end" as const), n: fc.nat(9), failed: fc.boolean(), afterMs: fc.nat(6_000) }),
    fc.record({ kind: fc.constant("replace" as const), slots: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) }),
  );
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(share, fc.array(step, { maxLength: 100 }), (part, steps) => {
    const rules = policy({ ejection: { failures: 2, for: "10s", share: part } });
    const balancer = balancerOf(endpoints(10));
    let nowMs = 0;
    for (const it of steps) {
      if (it.kind === "replace") {
        balancer.replace(it.slots.map((n) => endpoint(n)), nowMs);
      } else if ([...balancer.candidates].some(({ endpoint }) => endpoint.slot === it.n)) {
        nowMs += it.afterMs;
        send(balancer, `r${it.n}`, { by: rules, outcome: it.failed ? "failed" : "answered", nowMs });
      }
      const count = [...balancer.candidates].length;
      const out = outAt(balancer, nowMs).length;
      assert(out <= Math.floor(part * count) && (out < count || count === 0), `${out} of ${count} at ${part}`);
    }
  }));
});
