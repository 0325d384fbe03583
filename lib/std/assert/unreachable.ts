/**
 * unreachable(): a branch that no input leads to.
 *
 * @module
 */
import { remark } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";

/** Always throws. */
export function unreachable(msg?: string): never {
  throw new AssertionError(`Unreachable${remark(msg)}`);
}
