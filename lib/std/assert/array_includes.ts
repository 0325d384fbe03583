/**
 * assertArrayIncludes(): all of some values, in any order, among others.
 *
 * @module
 */
import { remark, show } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";
import { equal } from "./equal.ts";

/** Anything with a length and numbered items, but no string. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** Throws unless each value of `expected` is deeply equal to some value of `actual`. */
export function assertArrayIncludes<T>(actual: ArrayLikeArg<T>, expected: ArrayLikeArg<T>, msg?: string): void {
  const present = Array.from(actual);
  const missing = Array.from(expected).filter((wanted) => !present.some((item) => equal(wanted, item)));
  if (missing.length === 0) return;
  throw new AssertionError(
    `Expected actual: "${show(actual)}" to include: "${show(expected)}"${remark(msg)}\nmissing: ${show(missing)}`,
  );
}
