/**
 * The paths of one host, as a tree by segments: a request walks down as far as there are routes, and up again to those
 * that its conditions let it take. Its cost follows the request's path, and not how many routes there are.
 * @module
 */
import { type Candidate, type Rank, ranked } from "./rank.ts";

/** A path that routes are at, or below. */
export interface Place {
  readonly parent: Place | undefined;
  readonly segment: string;
  readonly below: Map<string, Place>;
  readonly candidates: Set<Candidate>;
  /** Undefined since the candidates have changed. */
  ranks: readonly Rank[] | undefined;
}

/** The place of "/", above all others. */
export function rootPlace(): Place {
  return placeBelow(undefined, "");
}

/** The place nearest to a path, at it or above it. */
export function nearestPlace(root: Place, path: string): Place {
  let place = root;
  for (let from = 1; from < path.length && place.below.size > 0;) {
    const slashAt = path.indexOf("/", from);
    const end = slashAt < 0 ? path.length : slashAt;
    const next = place.below.get(path.slice(from, end));
    if (next === undefined) break;
    place = next;
    from = end + 1;
  }
  return place;
}

/** What is at a place, best first. Worked out when it is asked for first, as a service's routes come one by one. */
export function ranksAt(place: Place): readonly Rank[] {
  return place.ranks ??= ranked(place.candidates);
}

/** Adds a candidate at a canonical path, and says where that is. */
export function settle(root: Place, path: string, candidate: Candidate): Place {
  let place = root;
  for (const segment of path.split("/")) {
    if (segment === "") continue;
    const next = place.below.get(segment) ?? placeBelow(place, segment);
    place.below.set(segment, next);
    place = next;
  }
  place.candidates.add(candidate);
  place.ranks = undefined;
  return place;
}

/** Takes a candidate away, and with it the places that were there for it alone. */
export function unsettle(place: Place, candidate: Candidate): void {
  place.candidates.delete(candidate);
  place.ranks = undefined;
  for (let vacant = place; vacant.parent !== undefined && isVacant(vacant); vacant = vacant.parent) {
    vacant.parent.below.delete(vacant.segment);
  }
}

/** Whether nothing is at a place or below it. */
export function isVacant({ candidates, below }: Place): boolean {
  return candidates.size === 0 && below.size === 0;
}

function placeBelow(parent: Place | undefined, segment: string): Place {
  return { parent, segment, below: new Map(), candidates: new Set(), ranks: undefined };
}
