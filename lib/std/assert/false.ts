/**
 * assertFalse(): the opposite of assert().
 *
 * @module
 */
import { AssertionError } from "./assertion_error.ts";

/** What JavaScript takes for false. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** Throws unless `expr` is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}
