import { assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { timeoutSignal } from "../../lib/runtime/timeout.ts";

Deno.test("timeoutSignal() does not fire at once when it is set for longer than a timer can wait", async () => {
  const soon = timeoutSignal(1);
  const late = [2 ** 31 - 1, 2 ** 31, 10 * 365 * 86_400_000, Infinity].map(timeoutSignal);
  while (!soon.aborted) await delay(1);
  await delay(1);
  assertEquals(late.map((signal) => signal.aborted), [false, false, false, false]);
});
