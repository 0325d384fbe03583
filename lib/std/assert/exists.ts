/**
 * assertExists(): narrows away null and undefined.
 *
 * @module
 */
import { remark } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";

/** Throws if the value is null or undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual !== undefined && actual !== null) return;
  throw new AssertionError(`Expected actual: "${actual}" to not be null or undefined${remark(msg)}`);
}
