/**
 * assertEquals(): deep equality, with the difference drawn line by line when it fails.
 *
 * @module
 */
import { renderDiff } from "./_diff.ts";
import { remark } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";
import { equal } from "./equal.ts";

/** Throws unless both values are deeply equal, as equal() sees it. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(`Values are not equal${remark(msg)}\n${renderDiff(actual, expected)}`);
}
