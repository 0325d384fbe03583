/**
 * How many requests may come from each address, route or field's value: a bucket per key that holds `burst` requests and
 * fills at `requests` each `perMs`. Kept as one number per key, the time at which the bucket will be full again (the
 * generic cell rate algorithm, ITU-T I.371), so that a full bucket needs no memory at all. Time is an argument. These are
 * for one thread; several share theirs (`shared_buckets.ts`).
 * @module
 */

const KEYS_MAX = 100_000;
/** A part of a request, for sums of fractions that ought to be whole. */
const SLACK = 1e-6;

export interface BucketOptions {
  requests: number;
  perMs: number;
  burst: number;
  /** How many keys are told apart. */
  keysMax?: number;
}

/** The buckets of one limit. */
export interface Buckets {
  /** Takes one request out of a key's bucket. 0: it may pass; else in how many milliseconds the next one may. */
  take(key: string, now: number): number;
}

export class TokenBuckets implements Buckets {
  readonly #intervalMs: number;
  /** By how much a key's number may be ahead of now. */
  readonly #aheadMaxMs: number;
  readonly #generationMs: number;
  readonly #keysMax: number;
  /**
   * When each key's bucket is full again, in two generations: what was not asked for during a whole one, longer than any
   * bucket takes to fill, is full and forgotten.
   */
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  #turnsAt = -Infinity;
  /** The one bucket of all keys beyond the most that are told apart. */
  #crowd = -Infinity;

  constructor({ requests, perMs, burst, keysMax = KEYS_MAX }: BucketOptions) {
    this.#intervalMs = perMs / requests;
    this.#aheadMaxMs = (burst - 1) * this.#intervalMs;
    this.#generationMs = Math.max((burst + 1) * this.#intervalMs, perMs);
    this.#keysMax = keysMax;
  }

  take(key: string, now: number): number {
    if (now >= this.#turnsAt) this.#turn(now);
    const young = this.#young.get(key);
    const known = young ?? this.#old.get(key);
    const isCrowded = known === undefined && this.#young.size + this.#old.size >= this.#keysMax;
    // Who steps out of the crowd takes along what the crowd has used: else forgetting a key would fill its bucket.
    const full = Math.max(known ?? this.#crowd, now);
    const waitMs = full - now - this.#aheadMaxMs;
    if (waitMs > SLACK * this.#intervalMs) return waitMs;
    if (isCrowded) {
      this.#crowd = full + this.#intervalMs;
      return 0;
    }
    if (young === undefined) this.#old.delete(key);
    this.#young.set(key, full + this.#intervalMs);
    return 0;
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  #turn(now: number): void {
    const isLongAgo = now >= this.#turnsAt + this.#generationMs;
    this.#old = isLongAgo ? new Map() : this.#young;
    this.#young = new Map();
    this.#turnsAt = now + this.#generationMs;
  }
}
