import { assertEquals } from "@std/assert";
import { attemptsUsedUp, backoffMs } from "../../lib/cluster/backoff.ts";
import { RestartPolicy } from "../../lib/cluster/service.ts";

Deno.test("backoffMs() restarts at once first, then doubles from 1 s up to 60 s", () => {
  const policy = RestartPolicy.parse({});
  const pauses = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 64, 5_000].map((crashes) => backoffMs(policy, crashes));
  assertEquals(pauses, [0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
});

Deno.test("backoffMs() follows the service's own policy", () => {
  const policy = RestartPolicy.parse({ backoff: "100ms", backoff_max: "250ms" });
  assertEquals([1, 2, 3, 4].map((crashes) => backoffMs(policy, crashes)), [0, 100, 200, 250]);
});

Deno.test("attemptsUsedUp() allows as many restarts as the policy says, also none", () => {
  const five = RestartPolicy.parse({});
  assertEquals([0, 5, 6].map((crashes) => attemptsUsedUp(five, crashes)), [false, false, true]);
  const none = RestartPolicy.parse({ attempts: 0 });
  assertEquals([0, 1].map((crashes) => attemptsUsedUp(none, crashes)), [false, true]);
});
