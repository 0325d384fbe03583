import { assertEquals } from "@std/assert";
import { Allowance } from "../../../lib/wire/http2/allowance.ts";

const spend = (allowance: Allowance, nowMs: number) => {
  let count = 0;
  while (count < 100 && allowance.take(nowMs)) count++;
  return count;
};

Deno.test("Allowance is spent at once and comes back with time, never above its burst", () => {
  const allowance = new Allowance({ burst: 5, perSecond: 2 });
  assertEquals([0, 0, 499, 1_000, 60_000].map((nowMs) => spend(allowance, 1_000_000 + nowMs)), [5, 0, 0, 2, 5]);
});

Deno.test("Allowance is earned, and a clock that goes back takes nothing away", () => {
  const allowance = new Allowance({ burst: 5, perSecond: 1 });
  spend(allowance, 10_000);
  allowance.earn(2);
  assertEquals([spend(allowance, 9_000), spend(allowance, 9_000)], [2, 0]);
  allowance.earn(100);
  assertEquals(spend(allowance, 9_000), 5);
});
