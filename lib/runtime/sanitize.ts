/**
 * Text from outside on its way to a terminal. Log lines, names and error texts may hold sequences that move the cursor,
 * set the window's title or turn the direction of writing; what comes out of here only ever prints. Files and APIs keep
 * the original: this is for the last step before the eye.
 * @module
 */

// deno-lint-ignore-file no-control-regex -- control characters are what this file is about

/**
 * Escape sequences by ECMA-48. A string sequence (title, hyperlink, clipboard) goes with its content, if it is closed;
 * one that is open loses only its introducer, lest it swallow the rest of the text.
 */
const SEQUENCES = new RegExp(
  [
    /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)/.source,
    /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]/.source,
    /\x1b[ -/]*[0-~]/.source,
  ].join("|"),
  "g",
);

/** C0 but for tab and line feed, DEL, C1, the two Unicode line ends, and what turns the direction of writing. */
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text without terminal control: tabs and line feeds stay, all else of that kind goes. */
export function printable(text: string): string {
  return text.toWellFormed().replace(SEQUENCES, "").replace(CONTROLS, "");
}

/** As `printable`, on one line: line feeds and tabs are shown as `\n` and `\t`. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}
