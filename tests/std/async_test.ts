/**
 * The contract of @std/async as far as Muster uses it. `deno task check:jsr` runs this file on the original too.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { abortable, deadline, debounce, delay, pooledMap, retry, RetryError, type RetryOptions } from "@std/async";
import { delay as delayOfSubpath } from "@std/async/delay";
import { pooledMap as pooledMapOfSubpath } from "@std/async/pool";

/** Longer than any test may take: what waits this long must be ended by something else. */
const FOREVER_MS = 2 ** 40;

const never = () => new Promise<never>(() => {});

Deno.test("delay() ends after its time, also at bounds that no timer knows", async () => {
  const startedAt = performance.now();
  await delay(20);
  // Timers round down to whole milliseconds.
  assertLess(19, performance.now() - startedAt + 1);
  await Promise.all([delay(0), delay(-1), delay(NaN)]);
});

Deno.test("delay() rejects with the reason of its signal and leaves no timer", async () => {
  for (const ms of [1_000, FOREVER_MS, Infinity]) {
    const controller = new AbortController();
    const waiting = delay(ms, { signal: controller.signal });
    controller.abort(new RangeError("enough"));
    await assertRejects(() => waiting, RangeError, "enough");
  }
  const error = await assertRejects(() => delay(1_000, { signal: AbortSignal.abort() }), DOMException);
  assertEquals(error.name, "AbortError");
});

Deno.test("delay() ends on time without being persistent, and doesn't mind an abort afterwards", async () => {
  const keepAlive = setTimeout(() => {}, 10_000);
  const controller = new AbortController();
  await delay(1, { persistent: false, signal: controller.signal });
  controller.abort();
  clearTimeout(keepAlive);
});

Deno.test("abortable() follows a promise until the abort", async () => {
  const controller = new AbortController();
  assertEquals(await abortable(Promise.resolve(1), controller.signal), 1);
  await assertRejects(() => abortable(Promise.reject(new Error("own")), controller.signal), Error, "own");
  const waiting = abortable(never(), controller.signal);
  controller.abort(new Error("stop"));
  await assertRejects(() => waiting, Error, "stop");
  await assertRejects(() => abortable(never(), controller.signal), Error, "stop");
});

Deno.test("abortable() yields what an iterable yields until the abort", async () => {
  const controller = new AbortController();
  const seen: number[] = [];
  const source = async function* () {
    yield 1;
    yield 2;
    controller.abort(new Error("stop"));
    yield 3;
  };
  await assertRejects(
    async () => {
      for await (const item of abortable(source(), controller.signal)) seen.push(item);
    },
    Error,
    "stop",
  );
  assertEquals(seen, [1, 2]);
});

Deno.test("abortable() passes a whole iterable on, and refuses to start after the abort", async () => {
  const source = async function* () {
    yield 1;
    yield 2;
  };
  assertEquals(await Array.fromAsync(abortable(source(), new AbortController().signal)), [1, 2]);
  const stopped = abortable(source(), AbortSignal.abort(new Error("stop")));
  await assertRejects(() => stopped.next(), Error, "stop");
});

Deno.test("deadline() names the timeout, and prefers what happens first", async () => {
  assertEquals(await deadline(Promise.resolve(1), 1_000), 1);
  assertEquals(await deadline(Promise.resolve(1), Infinity), 1);
  await assertRejects(() => deadline(Promise.reject(new RangeError("own")), 1_000), RangeError, "own");
  const error = await assertRejects(() => deadline(never(), 1), DOMException);
  assertEquals(error.name, "TimeoutError");
  const signal = AbortSignal.abort(new RangeError("stop"));
  await assertRejects(() => deadline(never(), 1_000, { signal }), RangeError, "stop");
});

Deno.test("debounce() makes one call of many, with the last arguments", async () => {
  const calls: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const debounced = debounce((value: number) => {
    calls.push(value);
    resolve();
  }, 1);
  debounced(1);
  debounced(2);
  assert(debounced.pending);
  await promise;
  assertEquals([calls, debounced.pending], [[2], false]);
});

Deno.test("debounce() calls at once when flushed, and never when cleared or aborted", () => {
  const calls: number[] = [];
  const controller = new AbortController();
  const debounced = debounce((value: number) => void calls.push(value), 60_000, { signal: controller.signal });
  debounced.flush();
  debounced(1);
  debounced.flush();
  debounced(2);
  debounced.clear();
  debounced(3);
  controller.abort();
  assertEquals([calls, debounced.pending], [[1], false]);
  assertThrows(() => debounce(() => {}, -1), RangeError, "'wait' must be a positive integer");
});

Deno.test("retry() returns the first success", async () => {
  let calls = 0;
  const flaky = () => {
    if (++calls < 3) throw new Error("not yet");
    return calls;
  };
  assertEquals(await retry(flaky, { minTimeout: 0 }), 3);
  assertEquals(await retry(() => Promise.resolve("async")), "async");
});

Deno.test("retry() gives up after its attempts and keeps the last cause", async () => {
  let calls = 0;
  const failing = () => Promise.reject(new Error(`attempt ${++calls}`));
  const error = await assertRejects(
    () => retry(failing, { maxAttempts: 2, minTimeout: 0 }),
    RetryError,
    "Retrying exceeded the maxAttempts (2).",
  );
  assertEquals(error.name, "RetryError");
  assertInstanceOf(error.cause, Error);
  assertEquals([calls, error.cause.message], [2, "attempt 2"]);
});

Deno.test("retry() rethrows what isn't worth another attempt", async () => {
  let calls = 0;
  const failing = () => Promise.reject(new TypeError(`attempt ${++calls}`));
  const isRetriable = (error: unknown) => !(error instanceof TypeError);
  await assertRejects(() => retry(failing, { isRetriable, minTimeout: 0 }), TypeError, "attempt 1");
});

Deno.test("retry() ends its pause at the abort", async () => {
  const controller = new AbortController();
  const failing = () => {
    queueMicrotask(() => controller.abort(new RangeError("stop")));
    throw new Error("not yet");
  };
  const options = { signal: controller.signal, minTimeout: 60_000, jitter: 0 };
  await assertRejects(() => retry(failing, options), RangeError, "stop");
  await assertRejects(() => retry(() => 1, options), RangeError, "stop");
});

const OUT_OF_BOUNDS: [RetryOptions, string][] = [
  [{ maxAttempts: 0 }, "'maxAttempts' must be a positive integer: current value is 0"],
  [{ maxAttempts: 1.5 }, "'maxAttempts' must be a positive integer: current value is 1.5"],
  [{ multiplier: 0.5 }, "'multiplier' must be a finite number >= 1: current value is 0.5"],
  [{ multiplier: Infinity }, "'multiplier' must be a finite number >= 1: current value is Infinity"],
  [{ maxTimeout: 0 }, "'maxTimeout' must be a positive number: current value is 0"],
  [{ minTimeout: -1 }, "'minTimeout' must be >= 0: current value is -1"],
  [{ minTimeout: NaN }, "'minTimeout' must be >= 0: current value is NaN"],
  [{ jitter: 2 }, "'jitter' must be between 0 and 1: current value is 2"],
  [
    { minTimeout: 2, maxTimeout: 1 },
    "'minTimeout' must be <= 'maxTimeout': current values 'minTimeout=2', 'maxTimeout=1'",
  ],
];

for (const [options, rule] of OUT_OF_BOUNDS) {
  Deno.test(`retry() refuses ${Deno.inspect(options)}`, async () => {
    const error = await assertRejects(() => retry(() => 1, options), RangeError);
    assertEquals(error.message, `Cannot retry as ${rule}`);
  });
}

Deno.test("pooledMap() keeps the order of the items and the limit", async () => {
  let running = 0;
  let mostRunning = 0;
  const work = async (item: number) => {
    mostRunning = Math.max(mostRunning, ++running);
    await delay(item % 2);
    running--;
    return item * 2;
  };
  assertEquals(await Array.fromAsync(pooledMap(2, [1, 2, 3, 4, 5], work)), [2, 4, 6, 8, 10]);
  assertEquals(mostRunning, 2);
  assertEquals(await Array.fromAsync(pooledMap(3, [], work)), []);
});

Deno.test("pooledMap() delivers what succeeded before it throws what failed", async () => {
  const seen: number[] = [];
  const started: number[] = [];
  const work = (item: number) => {
    started.push(item);
    return item === 2 ? Promise.reject(new Error("item 2")) : Promise.resolve(item);
  };
  const error = await assertRejects(
    async () => {
      for await (const value of pooledMap(1, [1, 2, 3], work)) seen.push(value);
    },
    AggregateError,
    "Cannot complete the mapping as an error was thrown from an item",
  );
  assertEquals([seen, started], [[1], [1, 2]]);
  assertEquals(error.errors.map((it: Error) => it.message), ["item 2"]);
});

Deno.test("pooledMap() refuses a limit that allows nothing", () => {
  for (const limit of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => pooledMap(limit, [], () => Promise.resolve()),
      RangeError,
      "'poolLimit' must be a positive integer",
    );
  }
});

Deno.test("the functions of @std/async can be imported by their own paths", () => {
  assertStrictEquals(delayOfSubpath, delay);
  assertStrictEquals(pooledMapOfSubpath, pooledMap);
});
