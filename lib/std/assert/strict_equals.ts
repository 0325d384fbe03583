/**
 * assertStrictEquals(): the very same value, by Object.is().
 *
 * @module
 */
import { paint, renderDiff } from "./_diff.ts";
import { remark, show } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";

/** Throws unless `actual` is `expected`; says so when two objects merely look the same. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const shown = show(actual);
  if (shown !== show(expected)) {
    throw new AssertionError(`Values are not strictly equal${remark(msg)}\n${renderDiff(actual, expected)}`);
  }
  const indented = shown.replace(/^/gm, "    ");
  throw new AssertionError(
    `Values have the same structure but are not reference-equal${remark(msg)}\n\n${paint(indented, 31)}\n`,
  );
}
