/**
 * The better of two drawn at random: nearly as even as looking at all, at the cost of looking at two, and workers that
 * don't know of each other don't all run to the same idle replica (Mitzenmacher, "The Power of Two Choices in Randomized
 * Load Balancing", 2001).
 * @module
 */
import type { Candidate } from "./candidate.ts";
import { type Choice, fits } from "./choice.ts";
import { loadOf } from "./least_conn.ts";
import type { Tier } from "./tier.ts";

/** So often a draw is repeated when it found one that doesn't fit; then the next that does is taken. */
const DRAWS_MAX = 4;

/** The less busy of two; undefined when none fits. */
export function lessBusyOfTwo(tier: Tier, choice: Choice): Candidate | undefined {
  return betterOfTwo(tier, choice, loadOf);
}

/** The one of two drawn whose cost is smaller; the only one that fits; or undefined. */
export function betterOfTwo(
  { candidates }: Tier,
  choice: Choice,
  costOf: (candidate: Candidate, choice: Choice) => number,
): Candidate | undefined {
  const first = draw(candidates, choice, undefined);
  if (first === undefined || candidates.length === 1) return first;
  const second = draw(candidates, choice, first);
  if (second === undefined) return first;
  return costOf(second, choice) < costOf(first, choice) ? second : first;
}

/** One that fits and is not `other`. */
function draw(
  candidates: readonly Candidate[],
  choice: Choice,
  other: Candidate | undefined,
): Candidate | undefined {
  const count = candidates.length;
  const { chance } = choice.ask;
  let at = 0;
  for (let draws = 0; draws < DRAWS_MAX; draws++) {
    at = Math.floor(chance() * count);
    const candidate = candidates[at];
    if (candidate !== undefined && candidate !== other && fits(candidate, choice)) return candidate;
  }
  for (let step = 1; step <= count; step++) {
    const candidate = candidates[(at + step) % count]!;
    if (candidate !== other && fits(candidate, choice)) return candidate;
  }
  return undefined;
}
