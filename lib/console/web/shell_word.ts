/**
 * A name as a word of a command that somebody may paste into a shell: whatever it is, it stays one word and does nothing.
 * Pure.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";

/** The word as it is where a shell takes it so, and else in quotes. */
export function shellWord(text: string): string {
  const word = printableLine(text);
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
