/**
 * The order among routes of one host and path: those that ask for more come first, and of a service the one that it names
 * first. Between services that come to the same, chance decides by their weights: so a canary gets its share.
 * @module
 */
import type { CompiledRoute } from "./compiled_route.ts";
import { areMet, type Conditions, type RequestTraits } from "./condition.ts";

/** A route in the table. */
export interface Candidate extends Conditions {
  readonly compiled: CompiledRoute;
}

/** Routes that ask for equally many things. Without conditions there is one of each service. */
export interface Rank {
  readonly conditionCount: number;
  /** By service, and of each in the order in which it names them. */
  readonly candidates: readonly Candidate[];
}

/** Best first. The candidates of one service are given in its own order. */
export function ranked(candidates: Iterable<Candidate>): Rank[] {
  const byCount = Map.groupBy(candidates, ({ headers, query }) => headers.length + query.length);
  return [...byCount].sort(([a], [b]) => b - a).map(([conditionCount, alike]) => {
    const ordered = alike.toSorted(byService);
    return { conditionCount, candidates: conditionCount === 0 ? ordered.filter(isFirstOfService) : ordered };
  });
}

/**
 * The route that a request takes: of the best rank in which any route's conditions are met. `nobody` when all of these
 * weigh nothing; undefined when there is no such rank.
 */
export function drawn(
  ranks: readonly Rank[],
  { traits, chance }: { traits: RequestTraits; chance: () => number },
): CompiledRoute | "nobody" | undefined {
  for (const { conditionCount, candidates } of ranks) {
    const fitting = conditionCount === 0
      ? candidates
      : candidates.filter((candidate) => areMet(candidate, traits)).filter(isFirstOfService);
    if (fitting.length > 0) return byWeight(fitting, chance) ?? "nobody";
  }
  return undefined;
}

function byWeight(candidates: readonly Candidate[], chance: () => number): CompiledRoute | undefined {
  const weighty = candidates.length === 1 ? candidates : candidates.filter((candidate) => weightOf(candidate) > 0);
  const last = weighty.at(-1);
  if (last === undefined || weightOf(last) === 0) return undefined;
  if (weighty.length === 1) return last.compiled;
  let left = chance() * weighty.reduce((sum, candidate) => sum + weightOf(candidate), 0);
  for (const candidate of weighty) {
    left -= weightOf(candidate);
    if (left < 0) return candidate.compiled;
  }
  return last.compiled;
}

function weightOf({ compiled }: Candidate): number {
  return compiled.route.weight;
}

function byService({ compiled: a }: Candidate, { compiled: b }: Candidate): number {
  return a.service === b.service ? 0 : a.service < b.service ? -1 : 1;
}

function isFirstOfService(candidate: Candidate, index: number, ordered: readonly Candidate[]): boolean {
  return ordered[index - 1]?.compiled.service !== candidate.compiled.service;
}
