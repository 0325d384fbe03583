/**
 * assertRejects(): a promise that must reject, and with what.
 *
 * @module
 */
import { checkError, type ErrorClass, type Expectation, readExpectation } from "./_expected_error.ts";
import { remark } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";

/** Rejects unless the promise of `fn` rejects; resolves to what it rejected with. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Rejects unless the promise of `fn` rejects with an `ErrorClass` whose message includes `msgIncludes`. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  ...expectation: Expectation<E>
): Promise<unknown> {
  const expected = readExpectation(expectation);
  const promise = startPromise(fn, expected.msg);
  try {
    await promise;
  } catch (error) {
    checkError(error, { ...expected, verb: "rejected" });
    return error;
  }
  throw new AssertionError(`Expected function to reject${remark(expected.msg)}`);
}

/** A function that throws at once, or returns no promise, is a mistake of another kind. */
function startPromise(fn: () => PromiseLike<unknown>, msg: string | undefined): PromiseLike<unknown> {
  const complaint = `Function throws when expected to reject${remark(msg)}`;
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (cause) {
    throw new AssertionError(complaint, { cause });
  }
  if (typeof promise !== "object" || typeof promise?.then !== "function") {
    throw new AssertionError(complaint);
  }
  return promise;
}
