/**
 * What probe results say about an instance: the counts in a row behind "ready" and "not ready", and when to probe next.
 * While an instance starts it is probed often, with growing pauses, so that it is used as soon as it can be.
 * @module
 */
import type { Health } from "../cluster/health.ts";
import { parseDurationMs } from "../runtime/duration.ts";

const FIRST_PAUSE_MS = 15;
const PAUSE_GROWTH = 1.3;

export interface Readiness {
  ready: boolean;
  /** It was ready once, or its start period is over. */
  started: boolean;
  /** Results in a row that speak against the present state. */
  contrary: number;
  pauseMs: number;
  nextProbeMs: number;
  inFlight: boolean;
  /** Why it is not ready, in words. */
  detail: string;
}

/** How an instance begins: without a health check it counts as ready once it runs. */
export function initialReadiness(health: Health | undefined, nowMs: number): Readiness {
  const ready = health === undefined;
  return {
    ready,
    started: ready,
    contrary: 0,
    pauseMs: FIRST_PAUSE_MS,
    nextProbeMs: nowMs + FIRST_PAUSE_MS,
    inFlight: false,
    detail: ready ? "" : "not probed yet",
  };
}

/** Takes in the result of a probe; `sinceMs` is when the instance was started. */
export function afterProbe(
  readiness: Readiness,
  health: Health,
  result: { ok: boolean; detail: string; sinceMs: number; nowMs: number },
): Readiness {
  const { ok, detail, sinceMs, nowMs } = result;
  const inStartPeriod = !readiness.started && nowMs - sinceMs < parseDurationMs(health.start_period);
  const intervalMs = parseDurationMs(health.interval);
  const pauseMs = inStartPeriod ? Math.min(readiness.pauseMs * PAUSE_GROWTH, intervalMs) : intervalMs;
  const contrary = ok === readiness.ready ? 0 : readiness.contrary + 1;
  const turned = contrary >= (ok ? health.healthy_after : health.unhealthy_after);
  const ready = turned ? ok : readiness.ready;
  return {
    ready,
    started: ready || !inStartPeriod,
    contrary: turned ? 0 : contrary,
    pauseMs,
    nextProbeMs: nowMs + pauseMs,
    inFlight: false,
    detail: ok ? "" : detail,
  };
}
