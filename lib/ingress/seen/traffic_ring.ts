/**
 * The requests of a service over the last minutes, in intervals of some seconds: how many there were, how many failed,
 * and how long half of them and all but a hundredth took. Of the interval that is open durations are kept in the buckets
 * of the metrics; of those that are over only what came of them, a few numbers each.
 * @module
 */
import { BOUNDS_MS } from "./traffic_layout.ts";

export const INTERVAL_MS = 5_000;
/** Intervals that are kept once they are over: a quarter of an hour. */
export const INTERVALS_MAX = 180;
const PLACES = INTERVALS_MAX + 1;

/** What is counted at once: of one request, or of what a thread has counted for a while. */
export interface Counted {
  requests: number;
  /** Answers with 500 and above, and requests without an answer. */
  errors: number;
  /** How many durations fell into each bucket. */
  durations: ArrayLike<number>;
}

/** One interval. */
export interface TrafficPoint {
  /** By the clock of the wall. */
  endMs: number;
  requests: number;
  errors: number;
  /** Undefined where no duration is known. */
  p50Ms: number | undefined;
  p99Ms: number | undefined;
}

/** One interval as it is kept. */
export type Interval = Omit<TrafficPoint, "endMs">;

const NO_REQUEST: Interval = { requests: 0, errors: 0, p50Ms: undefined, p99Ms: undefined };

export class TrafficRing {
  readonly #requests = new Uint32Array(PLACES);
  readonly #errors = new Uint32Array(PLACES);
  /** Not a number where there is none. */
  readonly #p50Ms = new Float32Array(PLACES).fill(NaN);
  readonly #p99Ms = new Float32Array(PLACES).fill(NaN);
  readonly #durations = new Uint32Array(BOUNDS_MS.length + 1);
  /** The number of the interval that is open: the whole intervals of time before it. */
  #open: number;

  constructor(nowMs: number) {
    this.#open = intervalAt(nowMs);
  }

  add({ requests, errors, durations }: Counted, nowMs: number): void {
    this.#goTo(intervalAt(nowMs));
    const at = this.#open % PLACES;
    this.#requests[at]! += requests;
    this.#errors[at]! += errors;
    for (let bucket = 0; bucket < this.#durations.length; bucket++) this.#durations[bucket]! += durations[bucket] ?? 0;
  }

  /** The interval of that number, of those that are over. */
  interval(number: number, nowMs: number): Interval {
    this.#goTo(intervalAt(nowMs));
    if (number >= this.#open || number <= this.#open - PLACES) return NO_REQUEST;
    const at = number % PLACES;
    const known = (ms: number) => Number.isNaN(ms) ? undefined : ms;
    return {
      requests: this.#requests[at]!,
      errors: this.#errors[at]!,
      p50Ms: known(this.#p50Ms[at]!),
      p99Ms: known(this.#p99Ms[at]!),
    };
  }

  /** Ends the intervals until that one. */
  #goTo(number: number): void {
    if (number <= this.#open) return;
    const at = this.#open % PLACES;
    this.#p50Ms[at] = percentileOf(this.#durations, 0.5) ?? NaN;
    this.#p99Ms[at] = percentileOf(this.#durations, 0.99) ?? NaN;
    this.#durations.fill(0);
    for (let next = Math.max(this.#open + 1, number - PLACES + 1); next <= number; next++) {
      const place = next % PLACES;
      this.#requests[place] = this.#errors[place] = 0;
      this.#p50Ms[place] = this.#p99Ms[place] = NaN;
    }
    this.#open = number;
  }
}

export function intervalAt(nowMs: number): number {
  return Math.floor(nowMs / INTERVAL_MS);
}

/**
 * The duration that this share of all does not exceed, as if those in a bucket lay evenly between its bounds; what is
 * longer than all bounds counts as the last one.
 */
export function percentileOf(durations: ArrayLike<number>, share: number): number | undefined {
  let all = 0;
  for (let bucket = 0; bucket < durations.length; bucket++) all += durations[bucket]!;
  if (all === 0) return undefined;
  const wanted = share * all;
  let before = 0;
  for (let bucket = 0; bucket < BOUNDS_MS.length; bucket++) {
    const count = durations[bucket] ?? 0;
    const low = BOUNDS_MS[bucket - 1] ?? 0;
    if (before + count >= wanted) return low + (BOUNDS_MS[bucket]! - low) * (wanted - before) / count;
    before += count;
  }
  return BOUNDS_MS.at(-1);
}
