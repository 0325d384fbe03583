/**
 * The quicker of two drawn at random, by an average of the time to an answer that forgets exponentially, jumps up to
 * every peak and comes down slowly; times what is under way there. A replica that slows down is left alone within one
 * answer, and is asked again as the memory of it fades (as Twitter's Finagle balances, "peak EWMA").
 * @module
 */
import type { Candidate } from "./candidate.ts";
import type { Choice } from "./choice.ts";
import { loadOf } from "./least_conn.ts";
import type { Tier } from "./tier.ts";
import { betterOfTwo } from "./two_choices.ts";

/** After this time without a word a measured latency counts for a third (1/e). */
const DECAY_MS = 10_000;
/** Coarse clocks see no time go by, but an answer never takes none. */
const MEASURABLE_MS = 0.05;
/** What a candidate counts for whose first answer is awaited: one request is enough to find out. */
const UNKNOWN_MS = 1_000;
/** A failure counts as an answer that took this long: who refuses at once must not seem the quickest. */
const FAILED_MS = 1_000;

/** The quicker of two; undefined when none fits. */
export function quickerOfTwo(tier: Tier, choice: Choice): Candidate | undefined {
  return betterOfTwo(tier, choice, costOf);
}

/** Takes in how long an answer took. */
export function observeLatency(
  candidate: Candidate,
  { tookMs: seenMs, nowMs }: { tookMs: number; nowMs: number },
): void {
  const tookMs = Math.max(seenMs, MEASURABLE_MS);
  const kept = keptAfter(nowMs - candidate.latencyAtMs);
  const isPeak = tookMs >= candidate.latencyMs;
  candidate.latencyMs = isPeak ? tookMs : candidate.latencyMs * kept + tookMs * (1 - kept);
  candidate.latencyAtMs = nowMs;
}

/** Takes in that no answer came. */
export function observeFailure(candidate: Candidate, { tookMs, nowMs }: { tookMs: number; nowMs: number }): void {
  observeLatency(candidate, { tookMs: Math.max(tookMs, FAILED_MS), nowMs });
}

function costOf(candidate: Candidate, choice: Choice): number {
  if (candidate.latencyMs === 0) return candidate.inFlight === 0 ? 0 : UNKNOWN_MS * loadOf(candidate, choice);
  return candidate.latencyMs * keptAfter(choice.ask.nowMs - candidate.latencyAtMs) * loadOf(candidate, choice);
}

/** The part of a latency that is still believed. */
function keptAfter(elapsedMs: number): number {
  return elapsedMs <= 0 ? 1 : Math.exp(-elapsedMs / DECAY_MS);
}
