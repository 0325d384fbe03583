/**
 * A budget that comes back with time: what is cheap to send and dear to answer is allowed now and then, not without end.
 * It has no clock; whoever takes from it says what time it is.
 * @module
 */

import type { Budget } from "./limits.ts";

export class Allowance {
  readonly #budget: Budget;
  #left: number;
  #atMs: number | undefined;

  constructor(budget: Budget) {
    this.#budget = budget;
    this.#left = budget.burst;
  }

  /** Whether one more is allowed; it is taken then. */
  take(nowMs: number): boolean {
    const { burst, perSecond } = this.#budget;
    const passedMs = Math.max(0, nowMs - (this.#atMs ?? nowMs));
    this.#left = Math.min(burst, this.#left + passedMs * perSecond / 1_000);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** Gives some back: what was done here gave the peer a reason. */
  earn(count: number): void {
    this.#left = Math.min(this.#budget.burst, this.#left + count);
  }
}
