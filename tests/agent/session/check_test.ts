import { assertEquals } from "@std/assert";
import { afterAnswer, askedAnew, type Check, newCheck, nextProbeMs } from "../../../lib/agent/session/check.ts";
import { Health } from "../../../lib/cluster/health.ts";

const HEALTH = Health.parse({ http: "/", start_period: "10s" });
const AT_ONCE = Health.parse({ http: "/", start_period: "0s" });

interface Start {
  health?: Health;
  well?: boolean;
}

/** Gives answers in a row, each at the time that the one before asked for; "+" is well, "-" is not. */
function answered(answers: string, { health = HEALTH, well = false }: Start = {}): Check {
  let check = newCheck({ well, sinceMs: 0, nowMs: 0 });
  for (const answer of answers) {
    const ok = answer === "+";
    check = afterAnswer(check, health, { ok, detail: ok ? "" : "answers 500", nowMs: check.nextMs });
  }
  return check;
}

Deno.test("afterAnswer() takes one good answer for well, and three bad ones in a row for not", () => {
  assertEquals(answered("-").well, false);
  assertEquals(answered("--+").well, true);
  assertEquals(answered("+--").well, true);
  assertEquals(answered("+--+--").well, true);
  assertEquals(answered("+---").well, false);
  assertEquals(answered("+---+").well, true);
});

Deno.test("afterAnswer() follows the counts of the check, in both directions", () => {
  const health = Health.parse({ tcp: true, healthy_after: 2, unhealthy_after: 1 });
  const wells = ["+", "++", "+-+", "++-", "++-+", "++-++"].map((answers) => answered(answers, { health }).well);
  assertEquals(wells, [false, true, false, false, false, true]);
});

Deno.test("afterAnswer() asks what starts often, with growing pauses, at most the interval", () => {
  const pauses = Array.from({ length: 20 }, (_, count) => Math.round(answered("-".repeat(count)).pauseMs));
  assertEquals(pauses.slice(0, 5), [15, 20, 25, 33, 43]);
  assertEquals(pauses.at(-1), 1_000);
  assertEquals(pauses.toSorted((a, b) => a - b), pauses);
  assertEquals(answered("+").pauseMs, 1_000, "what is well is asked at its interval");
});

Deno.test("a check has begun once it was well or its start period is over", () => {
  assertEquals(answered("---").begun, false);
  assertEquals(answered("---+").begun, true);
  const fresh = newCheck({ well: false, sinceMs: 0, nowMs: 0 });
  const late = afterAnswer(fresh, HEALTH, { ok: false, detail: "", nowMs: 10_000 });
  assertEquals([late.begun, late.well, late.pauseMs], [true, false, 1_000]);
});

Deno.test("bad answers before the first good one count for nothing within the start period, and count after it", () => {
  assertEquals(answered("-----", { well: true }).well, true);
  assertEquals(answered("--+--", { well: true }).well, true);
  assertEquals(answered("--+---", { well: true }).well, false);
  assertEquals(answered("---", { well: true, health: AT_ONCE }).well, false);
  assertEquals(answered("--", { well: true, health: AT_ONCE }).well, true);
});

Deno.test("a program that needs 25 s is well with its first good answer, long after three bad ones", () => {
  let check = newCheck({ well: false, sinceMs: 0, nowMs: 0 });
  const health = Health.parse({ http: "/", start_period: "30s" });
  while (!check.well) {
    const { nextMs: nowMs } = check;
    check = afterAnswer(check, health, { ok: nowMs >= 25_000, detail: "", nowMs });
  }
  assertEquals(check.nextMs >= 26_000 && check.nextMs < 27_000, true, `${check.nextMs}`);
});

Deno.test("afterAnswer() keeps the reason of the last bad answer only", () => {
  assertEquals(answered("+-").detail, "answers 500");
  assertEquals(answered("+-+").detail, "");
});

Deno.test("a check that is asked is not asked again before its answer", () => {
  const check = newCheck({ well: false, sinceMs: 0, nowMs: 5 });
  assertEquals(nextProbeMs(check), 20);
  assertEquals(nextProbeMs({ ...check, probe: "asked" }), undefined);
});

Deno.test("askedAnew() keeps what holds and counts from zero", () => {
  const check = askedAnew(answered("+--"), 50_000);
  assertEquals([check.well, check.begun, check.contrary, check.nextMs], [true, true, 0, 50_015]);
  const failed = afterAnswer(check, AT_ONCE, { ok: false, detail: "", nowMs: 50_015 });
  assertEquals([failed.well, failed.contrary], [true, 1]);
});

Deno.test("askedAnew() waits for the answer that is under way and does not listen to it", () => {
  const check = askedAnew({ ...answered("+"), probe: "asked" }, 50_000);
  assertEquals(nextProbeMs(check), undefined);
  const after = afterAnswer(check, Health.parse({ tcp: true, unhealthy_after: 1 }), {
    ok: false,
    detail: "of another question",
    nowMs: 50_400,
  });
  assertEquals([after.well, after.detail, nextProbeMs(after)], [true, "", 50_400]);
});
