/**
 * The error that every assertion of this package throws, so that a test runner can tell a failed
 * expectation from a crash.
 *
 * @module
 */

/** A failed assertion. */
export class AssertionError extends Error {
  /** Takes the whole message, and a `cause` where there is one. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}
