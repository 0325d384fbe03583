import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { freshCells, SharedBuckets } from "../../../lib/ingress/seen/shared_buckets.ts";
import { TokenBuckets } from "../../../lib/ingress/seen/token_bucket.ts";

const TEN_A_SECOND = { requests: 10, perMs: 1_000, burst: 3, name: "web" };
const HOUR_MS = 3_600_000;

Deno.test("SharedBuckets holds for threads together, though each has a time of its own", () => {
  const cells = freshCells();
  const threads = [0, 5_000, -7_000].map((aheadMs) => ({
    aheadMs,
    buckets: new SharedBuckets(TEN_A_SECOND, { cells, aheadMs }),
  }));
  const take = (at: number, nowMs: number) => threads[at]!.buckets.take("a", nowMs - threads[at]!.aheadMs);
  assertEquals([0, 1, 2].map((at) => take(at, 10_000)), [0, 0, 0]);
  for (const at of [0, 1, 2]) assertAlmostEquals(take(at, 10_060), 40, 0.01);
  assertEquals(take(1, 10_100), 0);
  assert(take(2, 10_100) > 0);
});

Deno.test("SharedBuckets says the same as the buckets of one thread", () => {
  const options = fc.record({
    requests: fc.integer({ min: 1, max: 50 }),
    perMs: fc.integer({ min: 100, max: 2_000 }),
    burst: fc.integer({ min: 1, max: 20 }),
  });
  const asked = fc.array(fc.record({ key: fc.constantFrom("a", "b", "c"), afterMs: fc.nat({ max: 400 }) }), {
    maxLength: 200,
  });
  const cells = freshCells();
  let runs = 0;
  fc.assert(fc.property(options, asked, (given, requests) => {
    const own = new TokenBuckets(given);
    const shared = new SharedBuckets({ ...given, name: `run ${runs++}` }, { cells, aheadMs: runs * HOUR_MS });
    let now = 0;
    for (const { key, afterMs } of requests) {
      now += afterMs;
      assertAlmostEquals(shared.take(key, now), own.take(key, now), 0.001);
    }
  }));
});

Deno.test("SharedBuckets keeps keys apart, and limits of other names and lengths", () => {
  const cells = freshCells();
  const second = new SharedBuckets({ requests: 1, perMs: 1_000, burst: 1, name: "second" }, { cells, aheadMs: 0 });
  const hour = new SharedBuckets({ requests: 1, perMs: HOUR_MS, burst: 1, name: "hour" }, { cells, aheadMs: 0 });
  const keys = Array.from({ length: 2_000 }, (_, at) => `198.18.${at >> 8}.${at & 0xff}`);
  for (const buckets of [hour, second]) assertEquals(keys.filter((key) => buckets.take(key, 0) > 0), []);
  for (const buckets of [hour, second]) assertEquals(keys.filter((key) => buckets.take(key, 500) === 0), []);
  assertEquals(keys.filter((key) => second.take(key, 1_500) > 0), []);
  assertEquals(keys.filter((key) => hour.take(key, 1_500) === 0), []);
});

Deno.test("SharedBuckets is never shut by a time that lies far ahead", () => {
  const cells = freshCells();
  const taken = new SharedBuckets(TEN_A_SECOND, { cells, aheadMs: 2 * HOUR_MS });
  for (let count = 0; count < 5; count++) taken.take("a", 0);
  const buckets = new SharedBuckets(TEN_A_SECOND, { cells, aheadMs: 0 });
  assertEquals([1, 2, 3].map(() => buckets.take("a", 0)), [0, 0, 0]);
  assert(buckets.take("a", 0) > 0);
});

Deno.test("SharedBuckets never lets too many through, though threads take at the same time", async () => {
  const cells = freshCells();
  const module = new URL("../../../lib/ingress/seen/shared_buckets.ts", import.meta.url).href;
  const source = `
    import { SharedBuckets } from ${JSON.stringify(module)};
    self.onmessage = ({ data: { cells, options } }) => {
      const buckets = new SharedBuckets(options, { cells, aheadMs: 0 });
      let passed = 0;
      for (let count = 0; count < 20_000; count++) if (buckets.take("a", 1_000) === 0) passed++;
      self.postMessage(passed);
    };
    self.postMessage("ready");
  `;
  const options = { requests: 1, perMs: 1_000, burst: 10_000, name: "web" };
  const url = URL.createObjectURL(new Blob([source], { type: "application/typescript" }));
  const passed = await Promise.all([1, 2, 3].map(async () => {
    const worker = new Worker(url, { type: "module" });
    const heard = () => new Promise<unknown>((resolve) => worker.onmessage = ({ data }) => resolve(data));
    await heard();
    worker.postMessage({ cells, options });
    const count = Number(await heard());
    worker.terminate();
    return count;
  }));
  URL.revokeObjectURL(url);
  assertEquals(passed.reduce((sum, count) => sum + count, 0), options.burst);
  for (const count of passed) assertLessOrEqual(count, options.burst);
});
