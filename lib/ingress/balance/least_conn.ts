/**
 * The least busy: where the fewest requests are under way, in proportion to the weight. Equals take turns, lest the
 * first in the list gets all requests of a quiet time.
 * @module
 */
import type { Candidate } from "./candidate.ts";
import { type Choice, fits } from "./choice.ts";
import { weightOf } from "./slow_start.ts";
import { passTurn, type Tier } from "./tier.ts";

/** The load of a candidate that would have this request alone. */
const LEAST_LOAD = 1;

/** The least busy candidate; undefined when none fits. Looks at all of them, until it finds one that is idle. */
export function leastBusy(tier: Tier, choice: Choice): Candidate | undefined {
  const { candidates } = tier;
  let at = tier.turn;
  let best: number | undefined;
  let bestLoad = Number.POSITIVE_INFINITY;
  for (let left = candidates.length; left > 0 && bestLoad > LEAST_LOAD; left--) {
    const candidate = candidates[at]!;
    const load = loadOf(candidate, choice);
    if (load < bestLoad && fits(candidate, choice)) {
      best = at;
      bestLoad = load;
    }
    if (++at === candidates.length) at = 0;
  }
  if (best === undefined) return undefined;
  passTurn(tier, best);
  return candidates[best];
}

/** What would be under way with this request, counted for more where the weight is less. */
export function loadOf(candidate: Candidate, { slowStartMs, ask }: Choice): number {
  const load = candidate.inFlight + 1;
  return slowStartMs === 0 ? load : load / weightOf(candidate, slowStartMs, ask.nowMs);
}
