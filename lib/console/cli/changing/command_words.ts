/**
 * A command in one text, as it is typed, into its words: quotes and backslashes keep spaces, and nothing else of a shell
 * means anything, as none runs it.
 * @module
 */
import { UsageError } from "../exit_code.ts";

const WORD = /(?:[^\s"'\\]|\\[^]|'[^']*'|"(?:[^"\\]|\\[^])*")+/y;

/** The words; at least one. */
export function commandWords(text: string): [string, ...string[]] {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    WORD.lastIndex = at;
    const [word] = WORD.exec(text) ?? [];
    if (word === undefined) throw new UsageError(`Cannot read --command: a quote or a backslash in it has no end`);
    words.push(bare(word));
    at += word.length;
  }
  const [program, ...args] = words;
  if (program === undefined) throw new UsageError("Cannot read --command: it is empty");
  return [program, ...args];
}

/** Within single quotes a backslash is itself; within double quotes it is, unless it keeps a quote or itself. */
function bare(word: string): string {
  return word.replaceAll(/'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^]/g, (part) => {
    if (part.startsWith("'")) return part.slice(1, -1);
    return part.startsWith('"') ? part.slice(1, -1).replaceAll(/\\(["\\])/g, "$1") : part.slice(1);
  });
}
