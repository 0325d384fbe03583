/**
 * assertMatch(): a string against a pattern.
 *
 * @module
 */
import { remark } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";

/** Throws unless the pattern matches somewhere in the string. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) return;
  throw new AssertionError(`Expected actual: "${actual}" to match: "${expected}"${remark(msg)}`);
}
