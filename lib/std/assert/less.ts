/**
 * assertLess(): an order between two values, without the border.
 *
 * @module
 */
import { show } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";

/** Throws unless `actual < expected`; `msg` takes the place of the whole message. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (actual < expected) return;
  throw new AssertionError(msg ?? `Expect ${show(actual)} < ${show(expected)}`);
}
