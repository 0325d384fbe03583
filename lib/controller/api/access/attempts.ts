/**
 * Failed log-ins by address, so that nobody tries tokens at leisure. A minute after its first failure an address begins
 * anew.
 * @module
 */
import type { Clock } from "../../../runtime/clock.ts";

const FAILURES_MAX = 10;
const WINDOW_MS = 60_000;
export const ADDRESSES_MAX = 10_000;

export class Attempts {
  readonly #clock: Clock;
  readonly #failures = new Map<string, { count: number; sinceMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#failures.size;
  }

  areTooMany(address: string): boolean {
    const failures = this.#failures.get(address);
    if (failures === undefined) return false;
    if (this.#clock.now() - failures.sinceMs < WINDOW_MS) return failures.count >= FAILURES_MAX;
    this.#failures.delete(address);
    return false;
  }

  failed(address: string): void {
    const failures = this.#failures.get(address);
    if (failures !== undefined) {
      failures.count += 1;
      return;
    }
    // The oldest goes first: a map keeps the order of insertion.
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= ADDRESSES_MAX && oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(address, { count: 1, sinceMs: this.#clock.now() });
  }
}
