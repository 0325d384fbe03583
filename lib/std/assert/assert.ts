/**
 * assert(): the plainest assertion, and the one that narrows a type by a condition.
 *
 * @module
 */
import { AssertionError } from "./assertion_error.ts";

/** Throws unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}
