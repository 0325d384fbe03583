/**
 * Consistent hashing: each slot of a service has many points on a ring of 2³² places, and a key belongs to the next point
 * from its own place on. When a slot comes or goes, only the keys next to its points move (Karger et al., 1997). Points
 * follow from the slot, not the replica: a rollout or a move to another node takes no key to another slot.
 *
 * No load bound but `connections_max`: a key goes elsewhere only where the operator's own limit says so.
 * @module
 */
import type { Candidate } from "./candidate.ts";
import { type Choice, fits } from "./choice.ts";
import { hash32 } from "./hash.ts";
import type { Tier } from "./tier.ts";

/** A slot's share of the keys strays from the mean by about 1/√128, which is 9 %. */
const POINTS_PER_SLOT = 128;
/** A point and the index of its candidate are sorted as one number: 32 bits and 21 fit into a double's 53. */
const INDEXES = 2 ** 21;

export class Ring {
  /** Ascending. */
  readonly #places: Uint32Array;
  /** Whose point is at the place of the same index. */
  readonly #owners: readonly Candidate[];

  private constructor(places: Uint32Array, owners: readonly Candidate[]) {
    this.#places = places;
    this.#owners = owners;
  }

  static of(candidates: readonly Candidate[]): Ring {
    return new Ring(new Uint32Array(0), []).after({ come: candidates });
  }

  /** The ring without those that are gone, and with those that have come; merged, as sorting anew takes much longer. */
  after({ come }: { come: readonly Candidate[] }): Ring {
    const added = pointsOf(come);
    const stayed = this.#owners.reduce((count, { isGone }) => isGone ? count : count + 1, 0);
    const places = new Uint32Array(stayed + added.owners.length);
    const owners: Candidate[] = new Array(places.length);
    let [at, from] = [0, 0];
    const add = (place: number, owner: Candidate) => {
      places[at] = place;
      owners[at++] = owner;
    };
    for (let index = 0; index < this.#owners.length; index++) {
      const owner = this.#owners[index]!;
      if (owner.isGone) continue;
      const place = this.#places[index]!;
      while (from < added.owners.length && isBefore(added, from, { place, owner })) {
        add(added.places[from]!, added.owners[from++]!);
      }
      add(place, owner);
    }
    while (from < added.owners.length) add(added.places[from]!, added.owners[from++]!);
    return new Ring(places, owners);
  }

  /** The candidate of this tier that fits and to whom the key belongs; undefined when none fits. */
  ownerOf(key: string, tier: Tier, choice: Choice): Candidate | undefined {
    const count = this.#owners.length;
    const first = this.#nextPoint(hash32(key));
    const isSuspect = tier.candidates[0]?.endpoint.suspect;
    const willDo = (candidate: Candidate) => candidate.endpoint.suspect === isSuspect && fits(candidate, choice);
    const owner = this.#owners[first];
    if (owner !== undefined && willDo(owner)) return owner;
    // Asked before walking on, lest the walk goes over all points in vain.
    if (!tier.candidates.some((candidate) => fits(candidate, choice))) return undefined;
    for (let step = 1; step < count; step++) {
      const candidate = this.#owners[(first + step) % count]!;
      if (willDo(candidate)) return candidate;
    }
    return undefined;
  }

  /** The index of the first point at this place or behind it; after the last comes the first. */
  #nextPoint(place: number): number {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#places[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low === this.#places.length ? 0 : low;
  }
}

interface Points {
  readonly places: Uint32Array;
  readonly owners: readonly Candidate[];
}

/** The points of these candidates in order. */
function pointsOf(candidates: readonly Candidate[]): Points {
  const ordered = candidates.toSorted((a, b) => b.endpoint.fence - a.endpoint.fence);
  const points = new Float64Array(ordered.length * POINTS_PER_SLOT);
  for (const [index, { endpoint }] of ordered.entries()) {
    const name = String(endpoint.slot);
    for (let point = 0; point < POINTS_PER_SLOT; point++) {
      points[index * POINTS_PER_SLOT + point] = hash32(name, point) * INDEXES + index;
    }
  }
  points.sort();
  const places = new Uint32Array(points.length);
  const owners: Candidate[] = new Array(points.length);
  // Loops, as the callbacks of `from` and `map` take ten times as long for a thousand slots.
  for (const [at, point] of points.entries()) {
    places[at] = Math.floor(point / INDEXES);
    owners[at] = ordered[point % INDEXES]!;
  }
  return { places, owners };
}

/** While a slot has a successor both have the same points: the newer one has the keys, as it is the one that stays. */
function isBefore(points: Points, at: number, other: { place: number; owner: Candidate }): boolean {
  const place = points.places[at]!;
  if (place !== other.place) return place < other.place;
  return points.owners[at]!.endpoint.fence > other.owner.endpoint.fence;
}
