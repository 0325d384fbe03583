/**
 * What the checks of an instance amount to: whether it has started, may get requests, or is to be ended. While a startup
 * check asks, the other two wait for it. Asking is up to `life`; here is which question is due, and what answers mean.
 * @module
 */
import { CHECKS, type Checks, type Health } from "../../cluster/health.ts";
import { parseDurationMs } from "../../runtime/duration.ts";
import { afterAnswer, askedAnew, type Check, newCheck, nextProbeMs } from "./check.ts";

/** A check by the field of the spec that declares it. */
export type CheckName = (typeof CHECKS)[number];

export type Readiness = Readonly<{
  /** Absent once it has succeeded, or where it isn't asked for. */
  startup?: Check;
  /** Readiness; absent where nothing is asked: then it is ready once it has started. */
  health?: Check;
  liveness?: Check;
}>;

export interface Answer {
  check: CheckName;
  ok: boolean;
  detail: string;
}

/** How an instance begins; without any check it counts as ready once it runs. */
export function initialReadiness(checks: Checks, nowMs: number): Readiness {
  if (checks.startup === undefined) return othersFrom(checks, nowMs);
  return { startup: newCheck({ well: false, sinceMs: nowMs, nowMs }) };
}

/**
 * How one that was taken over begins: it is probed at once, as nobody knows whether it still answers. One that has
 * outlived its start period has passed its startup check, or it would have been ended; any other has all of it anew.
 * Its first good answer makes it ready again, as it most likely was: however many it takes otherwise.
 */
export function readinessTakenOver(checks: Checks, { upMs, nowMs }: { upMs: number; nowMs: number }): Readiness {
  const { startup, ...others } = checks;
  const isStarting = startup !== undefined && upMs < parseDurationMs(startup.start_period);
  if (isStarting) return probedAt(initialReadiness(checks, nowMs), nowMs);
  const { health, ...liveness } = initialReadiness(others, nowMs - upMs);
  const nearlyWell = health && checks.health && { health: { ...health, contrary: checks.health.healthy_after - 1 } };
  return probedAt({ ...liveness, ...nearlyWell }, nowMs);
}

/** How a process begins that no order names: nobody asks it anything, and it gets no requests. */
export function readinessOfOrphan({ upMs, nowMs }: { upMs: number; nowMs: number }): Readiness {
  return { health: { ...newCheck({ well: false, sinceMs: nowMs - upMs, nowMs }), detail: "no order names it" } };
}

export function isReady({ startup, health }: Readiness): boolean {
  return startup === undefined && health?.well !== false;
}

/** It was ready once, or its start period is over. */
export function hasStarted({ startup, health }: Readiness): boolean {
  return startup === undefined && health?.begun !== false;
}

/** Why it is not ready, in words. */
export function whyNotReady({ startup, health }: Readiness): string {
  return (startup ?? health)?.detail ?? "";
}

/** When time alone brings a probe or the end of a startup check's patience. */
export function nextCheckMs(readiness: Readiness, checks: Checks): number | undefined {
  // Asked for every replica at every step of its agent: no list is made for it.
  let nextMs = Infinity;
  for (const name of CHECKS) {
    const check = readiness[name];
    if (check !== undefined && checks[name] !== undefined) nextMs = Math.min(nextMs, nextProbeMs(check) ?? Infinity);
  }
  const { startup } = readiness;
  if (startup !== undefined && checks.startup !== undefined) {
    nextMs = Math.min(nextMs, deadlineOf(startup, checks.startup));
  }
  return nextMs === Infinity ? undefined : nextMs;
}

/** The questions that are due. */
export function dueChecks(readiness: Readiness, checks: Checks, nowMs: number): { name: CheckName; health: Health }[] {
  return asked(readiness, checks).filter(({ check }) => (nextProbeMs(check) ?? Infinity) <= nowMs)
    .map(({ name, health }) => ({ name, health }));
}

/** Notes that a question was asked: it is not asked again before its answer. */
export function afterQuestion(readiness: Readiness, name: CheckName): Readiness {
  const check = readiness[name];
  return check === undefined ? readiness : { ...readiness, [name]: { ...check, probe: "asked" } };
}

/** Takes in an answer, unless nobody wants to know any more. */
export function afterProbe(readiness: Readiness, checks: Checks, answer: Answer & { nowMs: number }): Readiness {
  const { check: name, nowMs } = answer;
  const [check, health] = [readiness[name], checks[name]];
  if (check === undefined || health === undefined) return readiness;
  const next = afterAnswer(check, health, answer);
  if (name !== "startup" || !next.well) return { ...readiness, [name]: next };
  // It has started: whether it lives is judged from the first answer on.
  const { liveness, ...others } = othersFrom(checks, nowMs);
  return liveness === undefined ? others : { ...others, liveness: { ...liveness, begun: true } };
}

/** Goes by other checks from now on. Only those that differ start anew, and what is ready stays so until it fails. */
export function afterChange(
  readiness: Readiness,
  { before, after, nowMs }: { before: Checks; after: Checks; nowMs: number },
): Readiness {
  const { startup } = readiness;
  if (startup !== undefined) {
    if (after.startup === undefined) return othersFrom(after, nowMs);
    return isSame(before.startup, after.startup) ? readiness : { startup: askedAnew(startup, nowMs) };
  }
  // A startup check that comes later has nothing to ask: it runs already.
  const fresh = othersFrom(after, nowMs);
  const anew = (name: "health" | "liveness"): Check | undefined => {
    const former = readiness[name];
    if (former === undefined || fresh[name] === undefined) return fresh[name];
    return isSame(before[name], after[name]) ? former : askedAnew(former, nowMs);
  };
  const [health, liveness] = [anew("health"), anew("liveness")];
  // What was ready unasked has to fail first, as if it had answered well so far.
  const judged = health !== undefined && readiness.health === undefined
    ? { ...health, well: true, begun: true }
    : health;
  return { ...judged && { health: judged }, ...liveness && { liveness } };
}

/** Why it is to be ended, if it is. */
export function faultOf(readiness: Readiness, checks: Checks, nowMs: number): string | undefined {
  const { startup, liveness } = readiness;
  if (startup !== undefined && checks.startup !== undefined && nowMs >= deadlineOf(startup, checks.startup)) {
    return `did not start within ${checks.startup.start_period}: ${startup.detail}`;
  }
  return liveness?.well === false ? `failed its liveness check: ${liveness.detail}` : undefined;
}

function othersFrom({ health, liveness }: Checks, nowMs: number): Readiness {
  return {
    ...health && { health: newCheck({ well: false, sinceMs: nowMs, nowMs }) },
    ...liveness && { liveness: newCheck({ well: true, sinceMs: nowMs, nowMs }) },
  };
}

/** The questions that are asked at present. */
function asked(readiness: Readiness, checks: Checks): { name: CheckName; check: Check; health: Health }[] {
  return CHECKS.flatMap((name) => {
    const [check, health] = [readiness[name], checks[name]];
    return check === undefined || health === undefined ? [] : [{ name, check, health }];
  });
}

function probedAt({ startup, health, liveness }: Readiness, nextMs: number): Readiness {
  return {
    ...startup && { startup: { ...startup, nextMs } },
    ...health && { health: { ...health, nextMs } },
    ...liveness && { liveness: { ...liveness, nextMs } },
  };
}

function deadlineOf({ sinceMs }: Check, { start_period }: Health): number {
  return sinceMs + parseDurationMs(start_period);
}

/** They come from one parser, which gives fields in one order. */
function isSame(a: Health | undefined, b: Health | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
