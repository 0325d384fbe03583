/**
 * Slow start: a replica that has just become ready gets a tenth of its share, and the whole of it only after some time,
 * so that cold caches and unfinished compilers don't meet the full load. Where all replicas are young, someone has to
 * take it: then all weights are 1.
 * @module
 */
import type { Candidate } from "./candidate.ts";

const WEIGHT_AT_FIRST = 0.1;

/** From the first to the last moment at which one of the candidates was seen first. */
export interface Ages {
  readonly oldestSinceMs: number;
  readonly youngestSinceMs: number;
}

export function agesOf(candidates: readonly Candidate[]): Ages {
  let oldestSinceMs = Number.POSITIVE_INFINITY;
  let youngestSinceMs = Number.NEGATIVE_INFINITY;
  for (const { readySinceMs } of candidates) {
    oldestSinceMs = Math.min(oldestSinceMs, readySinceMs);
    youngestSinceMs = Math.max(youngestSinceMs, readySinceMs);
  }
  return { oldestSinceMs, youngestSinceMs };
}

/** `slowStartMs` while weights differ, else 0: most of the time nobody is young, and no weight has to be looked at. */
export function effectiveSlowStartMs(
  { oldestSinceMs, youngestSinceMs }: Ages,
  slowStartMs: number,
  nowMs: number,
): number {
  const isAnyYoung = nowMs - youngestSinceMs < slowStartMs;
  const isAnyOld = nowMs - oldestSinceMs >= slowStartMs;
  return isAnyYoung && isAnyOld ? slowStartMs : 0;
}

/** Its part of a full share, from a tenth up to 1. */
export function weightOf({ readySinceMs }: Candidate, slowStartMs: number, nowMs: number): number {
  const ageMs = nowMs - readySinceMs;
  if (ageMs >= slowStartMs) return 1;
  return WEIGHT_AT_FIRST + (1 - WEIGHT_AT_FIRST) * Math.max(0, ageMs / slowStartMs);
}
