/**
 * How many requests may be sent a second time: a fifth of them, and ten beside that. Without a bound, retries would
 * double the load on what is left just when replicas fail.
 * @module
 */

/** Counted in fifths of a retry, which are whole numbers. */
const RETRY = 5;
const PER_REQUEST = 1;
const RESERVE = 10 * RETRY;
/** What a quiet time may save up for a bad moment: all that was in flight to one replica can be sent elsewhere. */
const SAVED_MAX = 1_000 * RETRY;
/** The reserve is made whole again this often. */
const REFILL_MS = 10_000;

export class RetryBudget {
  #saved = RESERVE;
  #filledAtMs: number | undefined;

  /** Notes a request. */
  deposit(): void {
    this.#saved = Math.min(SAVED_MAX, this.#saved + PER_REQUEST);
  }

  /** Whether one request may be sent again; if so, it is paid for. */
  spend(nowMs: number): boolean {
    this.#filledAtMs ??= nowMs;
    if (nowMs - this.#filledAtMs >= REFILL_MS) {
      this.#saved = Math.max(this.#saved, RESERVE);
      this.#filledAtMs = nowMs;
    }
    if (this.#saved < RETRY) return false;
    this.#saved -= RETRY;
    return true;
  }
}
