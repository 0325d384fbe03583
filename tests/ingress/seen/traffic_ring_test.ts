import { assertEquals } from "@std/assert";
import { BOUNDS_MS, bucketOf } from "../../../lib/ingress/seen/traffic_layout.ts";
import { INTERVAL_MS, INTERVALS_MAX, percentileOf, TrafficRing } from "../../../lib/ingress/seen/traffic_ring.ts";

/** Durations in their buckets. */
function buckets(...ms: number[]): number[] {
  const counts = Array.from({ length: BOUNDS_MS.length + 1 }, () => 0);
  for (const each of ms) counts[bucketOf(each)]! += 1;
  return counts;
}

const none = { requests: 0, errors: 0, p50Ms: undefined, p99Ms: undefined };

Deno.test("percentileOf() finds the duration within its bucket", () => {
  assertEquals(percentileOf(buckets(), 0.5), undefined);
  assertEquals(percentileOf(buckets(8, 8), 0.5), 7.5);
  assertEquals(percentileOf(buckets(8, 8), 1), 10);
  assertEquals(percentileOf(buckets(0.1, 0.1, 0.1, 400), 0.99)! > 250, true);
  assertEquals(percentileOf(buckets(1e9), 0.5), BOUNDS_MS.at(-1));
});

Deno.test("a ring tells of intervals once they are over", () => {
  const ring = new TrafficRing(0);
  ring.add({ requests: 1, errors: 0, durations: buckets(8) }, 0);
  ring.add({ requests: 3, errors: 2, durations: buckets(8, 8, 8) }, INTERVAL_MS - 1);
  assertEquals(ring.interval(0, INTERVAL_MS - 1), none);
  const { requests, errors, p50Ms, p99Ms } = ring.interval(0, INTERVAL_MS);
  assertEquals([requests, errors, p50Ms, Math.round(p99Ms! * 100)], [4, 2, 7.5, 995]);
  ring.add({ requests: 1, errors: 1, durations: buckets() }, 3 * INTERVAL_MS);
  assertEquals([1, 2, 3].map((at) => ring.interval(at, 4 * INTERVAL_MS)), [none, none, {
    requests: 1,
    errors: 1,
    p50Ms: undefined,
    p99Ms: undefined,
  }]);
});

Deno.test("a ring forgets what is too old, also after a long silence", () => {
  const ring = new TrafficRing(0);
  const one = { requests: 1, errors: 1, durations: buckets(1) };
  for (let at = 0; at < INTERVALS_MAX + 5; at++) ring.add(one, at * INTERVAL_MS);
  const nowMs = (INTERVALS_MAX + 5) * INTERVAL_MS;
  assertEquals([4, 5, INTERVALS_MAX + 4, INTERVALS_MAX + 5].map((at) => ring.interval(at, nowMs).requests), [
    0,
    1,
    1,
    0,
  ]);
  const laterMs = nowMs + 10 * INTERVALS_MAX * INTERVAL_MS;
  ring.add(one, laterMs);
  const last = laterMs / INTERVAL_MS;
  assertEquals([last - 1, last].map((at) => ring.interval(at, laterMs + INTERVAL_MS).requests), [0, 1]);
});
