/**
 * One choice in the making: what is asked, under which policy, and which candidates will do. All the ways to choose
 * take only candidates that fit, so that what is full, ejected or tried already is judged in one place.
 * @module
 */
import type { Candidate } from "./candidate.ts";
import type { Policy } from "./policy.ts";

/** What a request asks for. */
export interface Ask {
  readonly nowMs: number;
  /** Numbers from 0 up to, but not including, 1. */
  readonly chance: () => number;
  /** Replicas that this request was tried at already. */
  readonly exclude: readonly string[];
  /** With the way `hash`: what decides; without one any replica will do. */
  readonly key?: string | undefined;
  /** What the client's cookie calls its replica. */
  readonly stickyName?: string | undefined;
}

export interface Choice {
  readonly policy: Policy;
  readonly ask: Ask;
  /** The time over which weights grow; 0 when all weights are 1 (`slow_start.ts`). */
  readonly slowStartMs: number;
  /** Whether those that are ejected will do too, as there is nobody else. */
  readonly withEjected: boolean;
}

/** Whether this candidate may be chosen. */
export function fits(candidate: Candidate, { policy, ask, withEjected }: Choice): boolean {
  return candidate.inFlight < policy.connectionsMax && (withEjected || candidate.ejectedUntilMs <= ask.nowMs) &&
    !isExcluded(candidate, ask);
}

export function isExcluded({ endpoint }: Candidate, { exclude }: Ask): boolean {
  return exclude.length > 0 && exclude.includes(endpoint.replica);
}
