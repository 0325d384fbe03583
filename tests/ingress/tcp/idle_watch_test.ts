import { assertEquals } from "@std/assert";
import { IdleWatch } from "../../../lib/ingress/tcp/idle_watch.ts";

/** Looks whenever it is due, in rounds of 10 ms; gives when it lapsed, if it did. */
function lapseOf({ limitMs, progressAt, untilMs }: {
  limitMs: number;
  progressAt: (nowMs: number) => number;
  untilMs: number;
}): number | undefined {
  let nowMs = 0;
  let lapsedMs: number | undefined;
  const watch = new IdleWatch({ limitMs, progress: () => progressAt(nowMs), lapse: () => lapsedMs ??= nowMs });
  for (; nowMs <= untilMs; nowMs += 10) if (nowMs >= watch.dueMs) watch.due(nowMs);
  return lapsedMs;
}

Deno.test("IdleWatch lapses when nothing has moved for the limit, an eighth of it late at most", () => {
  assertEquals(lapseOf({ limitMs: 800, progressAt: () => 0, untilMs: 10_000 }), 800);
  const lapsedMs = lapseOf({ limitMs: 800, progressAt: (nowMs) => Math.min(nowMs, 1_010), untilMs: 10_000 }) ?? 0;
  assertEquals(lapsedMs >= 1_810 && lapsedMs <= 1_910, true, `${lapsedMs}`);
});

Deno.test("IdleWatch lets what moves now and then be", () => {
  assertEquals(lapseOf({ limitMs: 800, progressAt: (nowMs) => Math.floor(nowMs / 790), untilMs: 60_000 }), undefined);
});

Deno.test("IdleWatch lapses once", () => {
  let lapses = 0;
  const watch = new IdleWatch({ limitMs: 10, progress: () => 0, lapse: () => lapses += 1 });
  for (const nowMs of [0, 10, 20, 30]) if (nowMs >= watch.dueMs) watch.due(nowMs);
  assertEquals(lapses, 1);
});
