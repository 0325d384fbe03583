/**
 * The words of a command line that a command can't do without.
 * @module
 */
import { UsageError } from "../exit_code.ts";

/** The word; without it the command can't be meant, and `refusal` says what is missing. */
export function given(word: string | undefined, refusal: string): string {
  if (word === undefined || word === "") throw new UsageError(refusal);
  return word;
}
