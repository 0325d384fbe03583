/**
 * Rate limits that hold for all threads of the ingress together, as a client's connections come to any of them. Where
 * `token_bucket.ts` keeps a number for each key, here all limits of all threads share one table of numbers of a fixed
 * size. A key has a cell in each of its rows, and counts by the lowest of them (a count-min sketch with conservative
 * update: Estan and Varghese, 2002), so that two keys share a bucket only where all of their cells are in use by others.
 * @module
 */
import { hash32 } from "../balance/hash.ts";
import type { BucketOptions, Buckets } from "./token_bucket.ts";

const ROWS = 4;
/** With 10,000 keys under way one in 2,000 shares its bucket. */
const ROW_CELLS = 65_536;
const CELL_BYTES = 8;
const TICKS_PER_MS = 1_000_000;
/** What is further ahead than any bucket of the limit can be, and this, is of another limit, or another time. */
const SKEW_MAX_MS = 1_000;
const SECOND_SEED = 0x9e3779b9;

/** What threads that limit together share. It can be posted. */
export interface SharedLimits {
  cells: SharedArrayBuffer;
  /** The time of whoever made them is so much ahead of this thread's. */
  aheadMs: number;
}

/** A table in which all buckets are full. */
export function freshCells(): SharedArrayBuffer {
  return new SharedArrayBuffer(ROWS * ROW_CELLS * CELL_BYTES);
}

export interface SharedBucketOptions extends Omit<BucketOptions, "keysMax"> {
  /** Tells the limit from others. */
  name: string;
}

/** The buckets of one limit, in this thread and all others. */
export class SharedBuckets implements Buckets {
  /** When the bucket is full again of which that is a cell, in ticks. */
  readonly #cells: BigInt64Array;
  readonly #aheadMs: number;
  readonly #seed: number;
  readonly #interval: bigint;
  readonly #aheadMax: bigint;
  readonly #credibleMax: bigint;
  readonly #places = new Int32Array(ROWS);

  constructor({ requests, perMs, burst, name }: SharedBucketOptions, { cells, aheadMs }: SharedLimits) {
    this.#cells = new BigInt64Array(cells);
    this.#aheadMs = aheadMs;
    this.#seed = hash32(name);
    this.#interval = ticks(perMs / requests);
    this.#aheadMax = ticks((burst - 1) * perMs / requests);
    this.#credibleMax = this.#aheadMax + this.#interval + ticks(SKEW_MAX_MS);
  }

  take(key: string, nowMs: number): number {
    const now = ticks(nowMs + this.#aheadMs);
    this.#find(key);
    for (;;) {
      const { place, value } = this.#lowest(now);
      const full = value <= now || value > now + this.#credibleMax ? now : value;
      const wait = full - now - this.#aheadMax;
      if (wait > 0n) return Number(wait) / TICKS_PER_MS;
      const next = full + this.#interval;
      // The lowest comes last: until then it stays the lowest for all threads, and only one of them can change it.
      for (const other of this.#places) if (other !== place) this.#raise(other, next);
      if (Atomics.compareExchange(this.#cells, place, value, next) === value) return 0;
    }
  }

  #find(key: string): void {
    const first = hash32(key, this.#seed);
    const step = hash32(key, this.#seed ^ SECOND_SEED) | 1;
    for (let row = 0; row < ROWS; row++) {
      this.#places[row] = row * ROW_CELLS + (first + Math.imul(row, step) >>> 0) % ROW_CELLS;
    }
  }

  #lowest(now: bigint): { place: number; value: bigint } {
    let [place, value] = [this.#places[0]!, Atomics.load(this.#cells, this.#places[0]!)];
    for (let row = 1; row < ROWS && value > now; row++) {
      const other = Atomics.load(this.#cells, this.#places[row]!);
      if (other < value) [place, value] = [this.#places[row]!, other];
    }
    return { place, value };
  }

  #raise(place: number, to: bigint): void {
    for (;;) {
      const value = Atomics.load(this.#cells, place);
      if (value >= to || Atomics.compareExchange(this.#cells, place, value, to) === value) return;
    }
  }
}

function ticks(ms: number): bigint {
  return BigInt(Math.round(ms * TICKS_PER_MS));
}
