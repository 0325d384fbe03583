import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { TokenBuckets } from "../../../lib/ingress/seen/token_bucket.ts";

const TEN_A_SECOND = { requests: 10, perMs: 1_000, burst: 3 };

Deno.test("TokenBuckets lets a burst through, then says when the next may come", () => {
  const buckets = new TokenBuckets(TEN_A_SECOND);
  assertEquals([1, 2, 3].map(() => buckets.take("a", 0)), [0, 0, 0]);
  assertAlmostEquals(buckets.take("a", 0), 100, 0.01);
  assertAlmostEquals(buckets.take("a", 60), 40, 0.01);
  assertEquals(buckets.take("a", 100), 0);
  assert(buckets.take("a", 100) > 0);
});

Deno.test("TokenBuckets allows a request after the time that it gave", () => {
  const buckets = new TokenBuckets({ requests: 7, perMs: 1_000, burst: 2 });
  let now = 5;
  for (let count = 0; count < 100; count++) {
    const waitMs = buckets.take("a", now);
    if (waitMs > 0) assertEquals(buckets.take("a", now += waitMs), 0);
  }
});

Deno.test("TokenBuckets keeps keys apart", () => {
  const buckets = new TokenBuckets({ requests: 1, perMs: 1_000, burst: 1 });
  assertEquals([buckets.take("a", 0), buckets.take("b", 0)], [0, 0]);
  assert(buckets.take("a", 1) > 0);
});

Deno.test("TokenBuckets forgets keys whose buckets are full", () => {
  const buckets = new TokenBuckets(TEN_A_SECOND);
  for (let key = 0; key < 100; key++) buckets.take(String(key), 0);
  assertEquals(buckets.size, 100);
  buckets.take("late", 1_000);
  buckets.take("late", 2_000);
  assertEquals(buckets.size, 1);
});

Deno.test("TokenBuckets has one bucket for all keys beyond the most that it tells apart", () => {
  const buckets = new TokenBuckets({ requests: 1, perMs: 1_000, burst: 2, keysMax: 1 });
  assertEquals(buckets.take("a", 0), 0);
  assertEquals(["b", "c"].map((key) => buckets.take(key, 0)), [0, 0]);
  assert(buckets.take("d", 0) > 0);
  assertEquals(buckets.take("a", 0), 0);
  assertEquals(buckets.size, 1);
});

const options = fc.record({
  requests: fc.integer({ min: 1, max: 50 }),
  perMs: fc.integer({ min: 100, max: 2_000 }),
  burst: fc.integer({ min: 1, max: 20 }),
  keysMax: fc.integer({ min: 1, max: 4 }),
});
const arrivals = fc.array(
  fc.record({ key: fc.constantFrom("a", "b", "c", "d", "e", "f"), afterMs: fc.nat({ max: 400 }) }),
  { maxLength: 300 },
);

Deno.test("TokenBuckets never lets more of a key through than burst + rate · t, in any span, also with too many keys", () => {
  fc.assert(fc.property(options, arrivals, (given, requests) => {
    const buckets = new TokenBuckets(given);
    const allowed = new Map<string, number[]>();
    let now = 0;
    for (const { key, afterMs } of requests) {
      now += afterMs;
      if (buckets.take(key, now) === 0) allowed.set(key, [...allowed.get(key) ?? [], now]);
      assertLessOrEqual(buckets.size, given.keysMax);
    }
    for (const times of allowed.values()) {
      times.forEach((from, first) =>
        times.slice(first).forEach((to, index) => {
          assertLessOrEqual(index + 1, given.burst + (to - from) * given.requests / given.perMs + 1e-3);
        })
      );
    }
  }));
});

Deno.test("TokenBuckets lets all of a key through that comes no faster than it may, as long as it tells keys apart", () => {
  fc.assert(
    fc.property(options, fc.array(fc.nat({ max: 50 }), { maxLength: 100 }), ({ keysMax: _, ...given }, more) => {
      const buckets = new TokenBuckets(given);
      let now = 0;
      for (const ms of more) {
        assertEquals(buckets.take("a", now), 0);
        now += ms + given.perMs / given.requests;
      }
    }),
  );
});
