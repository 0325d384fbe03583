/**
 * In turn. A candidate whose weight is below 1 saves up that much each time its turn comes, and takes the turn once it
 * has a whole one: over any time it gets its part of a full share, evenly spread, and a choice costs a step or two.
 * @module
 */
import type { Candidate } from "./candidate.ts";
import { type Choice, fits } from "./choice.ts";
import { weightOf } from "./slow_start.ts";
import { passTurn, type Tier } from "./tier.ts";

/** The candidate whose turn it is; undefined when none fits. */
export function nextInTurn(tier: Tier, choice: Choice): Candidate | undefined {
  const { candidates, turn } = tier;
  const count = candidates.length;
  let passedOver: number | undefined;
  for (let step = 0; step < count; step++) {
    const at = turn + step < count ? turn + step : turn + step - count;
    const candidate = candidates[at]!;
    if (!fits(candidate, choice)) continue;
    if (choice.slowStartMs === 0 || takesTurn(candidate, choice)) {
      passTurn(tier, at);
      return candidate;
    }
    passedOver ??= at;
  }
  // Only young ones fit: what they have saved up does not matter among themselves.
  if (passedOver === undefined) return undefined;
  passTurn(tier, passedOver);
  return candidates[passedOver];
}

function takesTurn(candidate: Candidate, { slowStartMs, ask }: Choice): boolean {
  const weight = weightOf(candidate, slowStartMs, ask.nowMs);
  if (weight === 1) return true;
  candidate.credit += weight;
  if (candidate.credit < 1) return false;
  candidate.credit -= 1;
  return true;
}
