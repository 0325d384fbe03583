/**
 * Deadlines of any length. The timers of JavaScript count in 32 bits: one that is set for longer fires at once, and an
 * operator may well mean "in a month".
 * @module
 */

/** The longest that a timer waits, which is 24 days and 20 hours. */
export const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/** Is aborted after `ms`, or after the longest time that a timer waits. */
export function timeoutSignal(ms: number): AbortSignal {
  return AbortSignal.timeout(Math.min(ms, TIMEOUT_MAX_MS));
}
