/**
 * The candidates of one rank (those on nodes that answer, or those on suspect ones) in the order of their slots, and
 * whose turn is next. The turn outlives changes: whoever stays is neither skipped nor served twice because others come
 * and go.
 * @module
 */
import type { Candidate } from "./candidate.ts";

export interface Tier {
  readonly candidates: readonly Candidate[];
  /** The index of the candidate whose turn is next; 0 when there is none. */
  turn: number;
}

/** These candidates, going on where the turn was in `before`. */
export function tierOf(candidates: readonly Candidate[], before?: Tier): Tier {
  return { candidates, turn: before === undefined ? 0 : turnAfter(before, candidates) };
}

/** Notes that the candidate at this index had its turn. */
export function passTurn(tier: Tier, at: number): void {
  tier.turn = at + 1 < tier.candidates.length ? at + 1 : 0;
}

/** The first from the turn on that has stayed is next. */
function turnAfter({ candidates: old, turn }: Tier, candidates: readonly Candidate[]): number {
  const next = old[turn];
  const at = next === undefined ? -1 : candidates.indexOf(next);
  if (at >= 0) return at;
  const staying = new Set(candidates);
  for (let step = 0; step < old.length; step++) {
    const candidate = old[(turn + step) % old.length]!;
    if (staying.has(candidate)) return candidates.indexOf(candidate);
  }
  return 0;
}
