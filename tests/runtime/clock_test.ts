import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../lib/runtime/clock.ts";

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
