/**
 * Sentences on a terminal: broken between words where the line ends, and printable. In a pipe each stays on one line.
 * @module
 */
import { unicodeWidth } from "@std/cli";
import { printableLine } from "../sanitize.ts";

interface WrapOptions {
  /** Undefined for no limit. */
  width: number | undefined;
  /** Before each line. */
  indent?: string;
  /** Before each line but the first, beyond that. */
  hanging?: string;
}

/** The text in lines that fit, each with its line feed. */
export function wrapped(text: string, { width, indent = "", hanging = "" }: WrapOptions): string {
  const line = printableLine(text);
  if (width === undefined) return `${indent}${line}\n`;
  const lines: string[] = [];
  let current = indent;
  let columns = unicodeWidth(indent);
  let isEmpty = true;
  for (const word of line.split(" ")) {
    const wide = unicodeWidth(word);
    if (!isEmpty && columns + 1 + wide > width) {
      lines.push(current);
      current = `${indent}${hanging}`;
      columns = unicodeWidth(current);
      isEmpty = true;
    }
    current += isEmpty ? word : ` ${word}`;
    columns += wide + (isEmpty ? 0 : 1);
    isEmpty = false;
  }
  return `${[...lines, current].join("\n")}\n`;
}
