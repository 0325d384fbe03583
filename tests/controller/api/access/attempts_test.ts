import { assertEquals } from "@std/assert";
import { ADDRESSES_MAX, Attempts } from "../../../../lib/controller/api/access/attempts.ts";
import { systemClock } from "../../../../lib/runtime/clock.ts";

Deno.test("ten failures within a minute are too many, for their address alone, until the minute is over", () => {
  let nowMs = 0;
  const attempts = new Attempts({ ...systemClock, now: () => nowMs });
  for (let failure = 0; failure < 10; failure++) {
    assertEquals(attempts.areTooMany("a"), false);
    attempts.failed("a");
  }
  assertEquals([attempts.areTooMany("a"), attempts.areTooMany("b")], [true, false]);
  nowMs = 59_999;
  assertEquals(attempts.areTooMany("a"), true);
  nowMs = 60_000;
  assertEquals(attempts.areTooMany("a"), false);
});

Deno.test("the addresses that are remembered are bounded: the oldest goes", () => {
  const attempts = new Attempts({ ...systemClock, now: () => 0 });
  for (let address = 0; address < 2 * ADDRESSES_MAX; address++) attempts.failed(String(address));
  assertEquals(attempts.size, ADDRESSES_MAX);
});
