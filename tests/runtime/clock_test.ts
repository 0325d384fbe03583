import { assert, assertEquals, assertRejects } from "@std/assert";
import { pause, systemClock } from "../../lib/runtime/clock.ts";

Deno.test("systemClock.now() never goes back", () => {
  const before = systemClock.now();
  assert(systemClock.now() >= before);
});

Deno.test("systemClock.sleep() rejects with the signal's reason when it is aborted", async () => {
  const abort = new AbortController();
  const asleep = systemClock.sleep(3_600_000, { signal: abort.signal });
  abort.abort(new RangeError("enough"));
  await assertRejects(() => asleep, RangeError, "enough");
});

Deno.test("systemClock.sleep() resolves at once for nothing to wait", async () => {
  assertEquals(await systemClock.sleep(0), undefined);
});

Deno.test("pause() ends with its time or with the signal, whichever comes first, and says nothing of which", async () => {
  const leaving = new AbortController();
  await pause(systemClock, 1, leaving.signal);
  const paused = pause(systemClock, 60_000, leaving.signal);
  leaving.abort(new Error("enough"));
  await paused;
  await pause(systemClock, 60_000, leaving.signal);
});

Deno.test("pause() tells of a clock that fails", async () => {
  const broken = { sleep: () => Promise.reject(new TypeError("no time")) };
  await assertRejects(() => pause(broken, 1, new AbortController().signal), TypeError, "no time");
});
