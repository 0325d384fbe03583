/**
 * assertInstanceOf(): narrows a value to a class.
 *
 * @module
 */
import { remark } from "./_message.ts";
import { AssertionError } from "./assertion_error.ts";

/** Throws unless `actual instanceof expectedType`, and names what it is instead. */
export function assertInstanceOf<T>(
  actual: unknown,
  // `never[]` accepts every constructor, whatever its parameters are.
  expectedType: abstract new (...args: never[]) => T,
  msg = "",
): asserts actual is T {
  if (actual instanceof expectedType) return;
  throw new AssertionError(
    `Expected object to be an instance of "${expectedType.name}"${contrast(classNameOf(actual), expectedType.name)}${
      remark(msg)
    }`,
  );
}

function contrast(actualName: string, expectedName: string): string {
  // Two classes of one name: repeating it would only confuse.
  if (actualName === expectedName) return "";
  return actualName === "function" ? " but was not an instanced object" : ` but was "${actualName}"`;
}

function classNameOf(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? value.constructor?.name ?? "Object" : typeof value;
}
