/**
 * Names with what they mean beside them, as help pages show flags and commands: the names one below the other, the
 * sentences broken where the page ends and going on below themselves.
 * @module
 */
import { wrapped } from "./wrap.ts";

export interface Row {
  left: string;
  right: string;
}

interface Widths {
  /** Where the sentences begin. A name that leaves no gap before that has a line of its own. */
  left: number;
  /** Where they end. */
  columns: number;
}

/** Between a name and its sentence. */
export const GAP = 2;

/** The rows, each in as many lines as it takes, with their line feeds. */
export function twoColumns(rows: readonly Row[], { left: at, columns }: Widths): string {
  return rows.map(({ left, right }) => {
    const text = wrapped(right, { width: columns, indent: " ".repeat(at) });
    return left.length + GAP > at ? `${left}\n${text}` : `${left.padEnd(at)}${text.slice(at)}`;
  }).join("");
}
