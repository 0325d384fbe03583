/**
 * Outlier ejection: a replica that fails several requests in a row is left out for a while, longer each time, and comes
 * back on probation. However many fail, only a share of the replicas is ever out and never the last one: then it is more
 * likely the network or the requests that are bad, and someone has to answer.
 * @module
 */
import type { Candidate } from "./candidate.ts";
import type { EjectionRules } from "./policy.ts";

/** Of the times that an ejection takes: the tenth takes ten times as long as the first, and so does every later one. */
const TIMES_MAX = 10;
/** After so many times the length of a first ejection without another one, the next counts as the first. */
const FORGOTTEN_AFTER = 10;

interface Ejection {
  readonly candidate: Candidate;
  readonly share: number;
}

/** Who of a service's candidates is out. */
export class Ejections {
  /** Some of them may have come back, or be gone, by now. */
  #out: Ejection[] = [];

  /** Takes in a failure; true when it has ejected the candidate. `count` is that of all candidates. */
  fail(candidate: Candidate, rules: EjectionRules, { nowMs, count }: { nowMs: number; count: number }): boolean {
    candidate.failures++;
    // What fails while it is out was sent before: it has been judged already.
    if (candidate.ejectedUntilMs > nowMs) return false;
    if (candidate.failures < rules.failures) return false;
    this.#out = this.#out.filter((ejection) => isOut(ejection.candidate, nowMs));
    if (this.#out.length >= outMax(rules.share, count)) return false;
    eject(candidate, rules, nowMs);
    this.#out.push({ candidate, share: rules.share });
    return true;
  }

  /** Takes in an answer: a row of failures ends with it, but not an ejection. */
  answer(candidate: Candidate, nowMs: number): void {
    if (candidate.ejectedUntilMs > nowMs) return;
    candidate.failures = 0;
  }

  /** Brings back whom fewer candidates can't spare any more, those first who would be back soonest. */
  keepWithinShare({ nowMs, count }: { nowMs: number; count: number }): void {
    const out = this.#out.filter(({ candidate }) => isOut(candidate, nowMs))
      .sort((a, b) => b.candidate.ejectedUntilMs - a.candidate.ejectedUntilMs);
    this.#out = [];
    for (const ejection of out) {
      if (this.#out.length < outMax(ejection.share, count)) this.#out.push(ejection);
      else ejection.candidate.ejectedUntilMs = nowMs;
    }
  }
}

function isOut({ ejectedUntilMs, isGone }: Candidate, nowMs: number): boolean {
  return !isGone && ejectedUntilMs > nowMs;
}

function outMax(share: number, count: number): number {
  return Math.min(Math.floor(share * count), count - 1);
}

/** Its failures are not forgotten: until it answers, one more ejects it again. That is its probation. */
function eject(candidate: Candidate, { forMs }: EjectionRules, nowMs: number): void {
  const isForgotten = nowMs - candidate.ejectedUntilMs > FORGOTTEN_AFTER * forMs;
  candidate.ejections = isForgotten ? 1 : Math.min(candidate.ejections + 1, TIMES_MAX);
  candidate.ejectedUntilMs = nowMs + forMs * candidate.ejections;
}
