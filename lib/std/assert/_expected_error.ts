/**
 * What assertThrows() and assertRejects() share: reading their overloaded arguments, and comparing
 * the error that came with the error that was expected.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { remark } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";

/** A class of errors. `never[]` accepts every constructor, whatever its parameters are. */
export type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** The arguments behind the function under test: `(msg?)` or `(ErrorClass, msgIncludes?, msg?)`. */
export type Expectation<E extends Error> = [
  errorClassOrMsg?: ErrorClass<E> | string,
  msgIncludes?: string,
  msg?: string,
];

/** The same, told apart. */
export type ExpectedError<E extends Error> = {
  errorClass: ErrorClass<E> | undefined;
  msgIncludes: string | undefined;
  msg: string | undefined;
};

/** Tells the two forms of an expectation apart. */
export function readExpectation<E extends Error>(expectation: Expectation<E>): ExpectedError<E> {
  const [first, msgIncludes, msg] = expectation;
  return typeof first === "string"
    ? { errorClass: undefined, msgIncludes: undefined, msg: first }
    : { errorClass: first, msgIncludes, msg };
}

/** Checks what was thrown or rejected. Without an expected class anything will do, even a non-error. */
export function checkError<E extends Error>(
  error: unknown,
  expected: ExpectedError<E> & { verb: "thrown" | "rejected" },
): void {
  const { errorClass, msgIncludes, msg, verb } = expected;
  if (errorClass === undefined) return;
  if (!(error instanceof Error)) {
    throw new AssertionError(`A non-Error object was ${verb}${remark(msg)}`);
  }
  if (!(error instanceof errorClass)) {
    throw new AssertionError(
      `Expected error to be instance of "${errorClass.name}", but was "${error.constructor?.name}"${remark(msg)}`,
    );
  }
  if (!msgIncludes) return;
  // Colours are no part of what a message says.
  if (stripVTControlCharacters(error.message).includes(stripVTControlCharacters(msgIncludes))) return;
  throw new AssertionError(
    `Expected error message to include ${JSON.stringify(msgIncludes)}, but got ${JSON.stringify(error.message)}${
      remark(msg)
    }`,
  );
}
