/**
 * One question that a replica is asked again and again, and what its answers amount to: so many good or bad ones in a
 * row turn what holds, so that a single one does not. `readiness` asks three of them of each replica.
 * @module
 */
import type { Health } from "../../cluster/health.ts";
import { parseDurationMs } from "../../runtime/duration.ts";

const FIRST_PAUSE_MS = 15;
const PAUSE_GROWTH = 1.3;

export interface Check {
  /** What holds: the answers in a row have said so, or nothing has said otherwise. */
  well: boolean;
  /** It was well once, or its start period is over. Until then bad answers are no news, and it is asked often. */
  begun: boolean;
  /** Since when its start period runs. */
  sinceMs: number;
  /** Answers in a row that speak against what holds. */
  contrary: number;
  pauseMs: number;
  nextMs: number;
  /** `outdated`: what is asked is not what is to be known any more. */
  probe: "none" | "asked" | "outdated";
  /** Why the last answer was bad, in words. */
  detail: string;
}

/** A check before its first answer; `well` is what is assumed until then. */
export function newCheck({ well, sinceMs, nowMs }: { well: boolean; sinceMs: number; nowMs: number }): Check {
  return {
    well,
    begun: false,
    sinceMs,
    contrary: 0,
    pauseMs: FIRST_PAUSE_MS,
    nextMs: nowMs + FIRST_PAUSE_MS,
    probe: "none",
    detail: well ? "" : "not probed yet",
  };
}

/** When it is to be probed next; undefined while an answer is awaited. */
export function nextProbeMs(check: Check): number | undefined {
  return check.probe === "none" ? check.nextMs : undefined;
}

/** Takes in an answer. */
export function afterAnswer(
  check: Check,
  health: Health,
  { ok, detail, nowMs }: { ok: boolean; detail: string; nowMs: number },
): Check {
  if (check.probe === "outdated") return { ...check, probe: "none", nextMs: nowMs };
  const isStarting = !check.begun && nowMs - check.sinceMs < parseDurationMs(health.start_period);
  const intervalMs = parseDurationMs(health.interval);
  const isExcused = isStarting && !ok;
  const contrary = ok === check.well || isExcused ? 0 : check.contrary + 1;
  const turned = contrary >= (ok ? health.healthy_after : health.unhealthy_after);
  const well = turned ? ok : check.well;
  const begun = !isStarting || (ok && well);
  // While it starts it is asked often, with growing pauses, so that it is used as soon as it can be.
  const pauseMs = begun ? intervalMs : Math.min(check.pauseMs * PAUSE_GROWTH, intervalMs);
  return {
    ...check,
    well,
    begun,
    contrary: turned ? 0 : contrary,
    pauseMs,
    nextMs: nowMs + pauseMs,
    probe: "none",
    detail: ok ? "" : detail,
  };
}

/** The same check asked otherwise from now on: what holds stays until new answers turn it. */
export function askedAnew(check: Check, nowMs: number): Check {
  const fresh = newCheck({ well: check.well, sinceMs: check.sinceMs, nowMs });
  return {
    ...fresh,
    // What was well has begun: it has nothing to be excused for.
    begun: check.begun,
    // One probe at a time: the one that is under way ends first, and is not listened to.
    probe: check.probe === "none" ? "none" : "outdated",
  };
}
