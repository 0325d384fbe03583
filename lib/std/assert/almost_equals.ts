/**
 * assertAlmostEquals(): two numbers, up to rounding.
 *
 * @module
 */
import { remark } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";

/** The tolerance if none is given: relative to a finite expected value, absolute otherwise. */
const TOLERANCE_DEFAULT = 1e-7;

/** Throws if the numbers are further apart than `tolerance`. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const delta = Math.abs(expected - actual);
  const scale = Number.isFinite(expected) ? Math.abs(expected) : 1;
  const limit = tolerance ?? scale * TOLERANCE_DEFAULT;
  if (delta <= limit) return;
  throw new AssertionError(
    `Expected actual: "${brief(actual)}" to be close to "${brief(expected)}": delta "${
      brief(delta)
    }" is greater than "${brief(limit)}"${remark(msg)}`,
  );
}

function brief(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toExponential();
}
