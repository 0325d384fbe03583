/**
 * fail(): a test that got where it must not get, or isn't written yet.
 *
 * @module
 */
import { remark } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";

/** Always throws. */
export function fail(msg?: string): never {
  throw new AssertionError(`Failed assertion${remark(msg)}`);
}
