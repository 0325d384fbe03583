/**
 * deadline(): a limit on the time spent waiting for a promise that takes no signal. What takes one
 * should rather get `AbortSignal.timeout(ms)`, which ends the work as well.
 *
 * @module
 */
import { abortable } from "./abortable.ts";

/** Options of deadline(). */
export interface DeadlineOptions {
  /** Ends the waiting early, with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Follows the promise for at most `ms` milliseconds and then rejects with a DOMException named
 * "TimeoutError". From `Number.MAX_SAFE_INTEGER` on there is no limit.
 */
export async function deadline<T>(p: Promise<T>, ms: number, options: DeadlineOptions = {}): Promise<T> {
  const limits = ms < Number.MAX_SAFE_INTEGER ? [AbortSignal.timeout(ms)] : [];
  const signals = options.signal ? [...limits, options.signal] : limits;
  return await abortable(p, AbortSignal.any(signals));
}
