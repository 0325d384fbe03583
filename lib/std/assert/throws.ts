/**
 * assertThrows(): a call that must throw, and what.
 *
 * @module
 */
import { checkError, type ErrorClass, type Expectation, readExpectation } from "./_expected_error.ts";
import { remark } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";

/** Throws unless `fn` throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Throws unless `fn` throws an `ErrorClass` whose message includes `msgIncludes`; returns that error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error>(fn: () => unknown, ...expectation: Expectation<E>): unknown {
  const expected = readExpectation(expectation);
  try {
    fn();
  } catch (error) {
    checkError(error, { ...expected, verb: "thrown" });
    return error;
  }
  throw new AssertionError(`Expected function to throw${remark(expected.msg)}`);
}
