import { assertEquals } from "@std/assert";
import {
  afterChange,
  afterProbe,
  afterQuestion,
  type CheckName,
  dueChecks,
  faultOf,
  hasStarted,
  initialReadiness,
  isReady,
  nextCheckMs,
  type Readiness,
  readinessOfOrphan,
  readinessTakenOver,
  whyNotReady,
} from "../../../lib/agent/session/readiness.ts";
import { type Checks, Health } from "../../../lib/cluster/health.ts";

const HEALTH = Health.parse({ http: "/readyz" });
const LIVENESS = Health.parse({ http: "/livez", start_period: "10s" });
const STARTUP = Health.parse({ http: "/up", start_period: "30s" });
const ALL: Checks = { health: HEALTH, liveness: LIVENESS, startup: STARTUP };

function told(readiness: Readiness, checks: Checks, answers: [CheckName, "+" | "-", number][]): Readiness {
  return answers.reduce((before, [check, answer, nowMs]) => {
    const ok = answer === "+";
    const detail = ok ? "" : "GET gave 503";
    return afterProbe(afterQuestion(before, check), checks, { check, ok, detail, nowMs });
  }, readiness);
}

const names = (readiness: Readiness, checks: Checks, nowMs: number) =>
  dueChecks(readiness, checks, nowMs).map(({ name }) => name);

Deno.test("initialReadiness() is ready without any check, and waits for a first answer with one", () => {
  assertEquals([isReady(initialReadiness({}, 5)), hasStarted(initialReadiness({}, 5))], [true, true]);
  const readiness = initialReadiness({ health: HEALTH }, 5);
  assertEquals([isReady(readiness), hasStarted(readiness), whyNotReady(readiness)], [false, false, "not probed yet"]);
  assertEquals(nextCheckMs(readiness, { health: HEALTH }), 20);
});

Deno.test("the other checks wait until the startup check has succeeded", () => {
  const starting = initialReadiness(ALL, 0);
  assertEquals(names(starting, ALL, 20_000), ["startup"]);
  const started = told(starting, ALL, [["startup", "-", 20_000], ["startup", "+", 21_000]]);
  assertEquals([isReady(started), hasStarted(started)], [false, false]);
  assertEquals(names(started, ALL, 21_015), ["health", "liveness"]);
});

Deno.test("the startup check has to succeed as often in a row as it says", () => {
  const checks = { startup: Health.parse({ tcp: true, healthy_after: 2 }) };
  const once = told(initialReadiness(checks, 0), checks, [["startup", "+", 1], ["startup", "-", 2], [
    "startup",
    "+",
    3,
  ]]);
  assertEquals(isReady(once), false);
  assertEquals(isReady(told(once, checks, [["startup", "+", 4]])), true, "nothing else is asked: it is ready");
});

Deno.test("what has not started within its start period is to be ended, with the last answer as the reason", () => {
  const starting = told(initialReadiness(ALL, 1_000), ALL, [["startup", "-", 30_000]]);
  assertEquals(faultOf(starting, ALL, 30_999), undefined);
  assertEquals(faultOf(starting, ALL, 31_000), "did not start within 30s: GET gave 503");
  const silent = afterQuestion(initialReadiness(ALL, 1_000), "startup");
  assertEquals(nextCheckMs(silent, ALL), 31_000, "also when the program says nothing");
});

Deno.test("liveness fails after so many bad answers in a row once the replica has started", () => {
  const started = told(initialReadiness(ALL, 0), ALL, [["startup", "+", 1]]);
  const bad = (times: number) =>
    told(started, ALL, Array.from({ length: times }, (_, at): [CheckName, "-", number] => ["liveness", "-", 10 + at]));
  assertEquals(faultOf(bad(2), ALL, 20), undefined);
  assertEquals(faultOf(bad(3), ALL, 20), "failed its liveness check: GET gave 503");
});

Deno.test("without a startup check liveness has its own start period", () => {
  const checks = { liveness: LIVENESS };
  const fresh = initialReadiness(checks, 0);
  assertEquals(isReady(fresh), true, "nothing asks for readiness");
  const early = told(fresh, checks, [["liveness", "-", 1], ["liveness", "-", 2], ["liveness", "-", 9_999]]);
  assertEquals(faultOf(early, checks, 9_999), undefined);
  const late = told(early, checks, [["liveness", "-", 10_000], ["liveness", "-", 11_000], ["liveness", "-", 12_000]]);
  assertEquals(faultOf(late, checks, 12_000), "failed its liveness check: GET gave 503");
});

Deno.test("a question is asked once at a time", () => {
  const checks = { health: HEALTH, liveness: LIVENESS };
  const fresh = initialReadiness(checks, 0);
  assertEquals(names(fresh, checks, 15), ["health", "liveness"]);
  assertEquals(names(afterQuestion(fresh, "health"), checks, 60_000), ["liveness"]);
});

const ready = told(
  initialReadiness({ health: HEALTH, liveness: LIVENESS }, 0),
  { health: HEALTH, liveness: LIVENESS },
  [
    ["health", "+", 15],
    ["liveness", "-", 15],
  ],
);

Deno.test("afterChange() starts only what differs anew", () => {
  const before = { health: HEALTH, liveness: LIVENESS };
  const after = { ...before, liveness: Health.parse({ tcp: true }) };
  const changed = afterChange(ready, { before, after, nowMs: 500 });
  assertEquals(changed.health, ready.health);
  assertEquals(nextCheckMs(changed, after), 515);
  assertEquals(afterChange(ready, { before, after: before, nowMs: 500 }), ready);
});

Deno.test("afterChange() leaves what is ready so until it fails by the new check", () => {
  const before = { health: HEALTH };
  const after = { health: Health.parse({ tcp: true, unhealthy_after: 2 }) };
  for (const [from, checks] of [[ready, before], [initialReadiness({}, 0), {}]] as const) {
    const changed = afterChange(from, { before: checks, after, nowMs: 500 });
    assertEquals([isReady(changed), hasStarted(changed)], [true, true]);
    assertEquals(isReady(told(changed, after, [["health", "-", 515]])), true);
    assertEquals(isReady(told(changed, after, [["health", "-", 515], ["health", "-", 516]])), false);
  }
});

Deno.test("afterChange() makes no readier: what was not ready has to answer well", () => {
  const before = { health: HEALTH };
  const after = { health: Health.parse({ tcp: true }) };
  const changed = afterChange(initialReadiness(before, 0), { before, after, nowMs: 500 });
  assertEquals(isReady(changed), false);
  assertEquals(isReady(told(changed, after, [["health", "+", 515]])), true);
  assertEquals(isReady(afterChange(changed, { before: after, after: {}, nowMs: 600 })), true, "it is asked no more");
});

Deno.test("afterChange() of the startup check concerns what is starting only", () => {
  const { startup: _, ...others } = ALL;
  const running = { health: HEALTH, liveness: LIVENESS };
  assertEquals(afterChange(ready, { before: running, after: ALL, nowMs: 500 }), ready);
  const starting = initialReadiness(ALL, 0);
  assertEquals(names(afterChange(starting, { before: ALL, after: others, nowMs: 500 }), others, 515), [
    "health",
    "liveness",
  ]);
  const longer = { ...ALL, startup: Health.parse({ http: "/up", start_period: "60s" }) };
  const patient = afterChange(starting, { before: ALL, after: longer, nowMs: 500 });
  assertEquals(faultOf(patient, longer, 59_999), undefined);
  assertEquals(faultOf(patient, longer, 60_000), "did not start within 60s: not probed yet");
});

Deno.test("readinessTakenOver() is probed at once, and asks for the start of what may still be starting", () => {
  const old = readinessTakenOver(ALL, { upMs: 30_000, nowMs: 100_000 });
  assertEquals([isReady(old), names(old, ALL, 100_000)], [false, ["health", "liveness"]]);
  const young = readinessTakenOver(ALL, { upMs: 29_999, nowMs: 100_000 });
  assertEquals(names(young, ALL, 100_000), ["startup"]);
  assertEquals(faultOf(young, ALL, 129_999), undefined, "an agent's restart costs it no time");
  assertEquals(faultOf(young, ALL, 130_000), "did not start within 30s: not probed yet");
});

Deno.test("readinessOfOrphan() is asked nothing and not ready until an order names it", () => {
  const orphan = readinessOfOrphan({ upMs: 100_000, nowMs: 100_000 });
  assertEquals([isReady(orphan), nextCheckMs(orphan, {}), whyNotReady(orphan)], [
    false,
    undefined,
    "no order names it",
  ]);
  assertEquals(isReady(afterChange(orphan, { before: {}, after: { health: HEALTH }, nowMs: 100_000 })), false);
  assertEquals(isReady(afterChange(orphan, { before: {}, after: {}, nowMs: 100_000 })), true);
});

Deno.test("one that was taken over is ready with its first good answer, however many it takes to turn otherwise", () => {
  const checks: Checks = { health: Health.parse({ http: "/", interval: "10s", healthy_after: 3 }) };
  const takenOver = readinessTakenOver(checks, { upMs: 3_600_000, nowMs: 0 });
  assertEquals(isReady(told(takenOver, checks, [["health", "+", 0]])), true);
  const failed = told(takenOver, checks, [["health", "-", 0], ["health", "+", 10_000], ["health", "+", 20_000]]);
  assertEquals(isReady(failed), false, "what failed first proves itself as ever");
  assertEquals(isReady(told(failed, checks, [["health", "+", 30_000]])), true);
});
