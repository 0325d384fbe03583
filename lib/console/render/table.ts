/**
 * Tables without borders: a faint heading, aligned columns, two spaces between them. On a terminal a table keeps to its
 * width, the widest columns giving way first; in a pipe nothing is cut. Texts are made printable here, so that no name or
 * reason from outside can reach the terminal as anything but text.
 * @module
 */
import { unicodeWidth } from "@std/cli";
import { printableLine } from "../../runtime/sanitize.ts";
import { paint, type Tone } from "./paint.ts";

/** A column; numbers read best at the right. */
export interface Column {
  title: string;
  align?: "left" | "right";
}

export interface Cell {
  text: string;
  tone: Tone;
}

export interface TableStyle {
  /** The columns of the terminal; undefined for no limit. */
  width: number | undefined;
  colours: boolean;
}

const GAP = "  ";
/** No column gets narrower than this for the sake of another. */
const COLUMN_MIN = 6;

/** The table, each line with its line feed. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], style: TableStyle): string {
  const heading = columns.map(({ title }): Cell => ({ text: title, tone: "heading" }));
  const lines = [heading, ...rows].map((row) => row.map(({ text, tone }) => ({ text: printableLine(text), tone })));
  const natural = columns.map((_, at) =>
    lines.reduce((widest, row) => Math.max(widest, unicodeWidth(row[at]?.text ?? "")), 0)
  );
  const widths = fitted(natural, style.width);
  return lines.map((row) => {
    const parts = row.map((cell, at) => {
      const text = cut(cell.text, widths[at] ?? 0);
      const space = " ".repeat(Math.max(0, (widths[at] ?? 0) - unicodeWidth(text)));
      const painted = paint(text, cell.tone, style);
      return columns[at]?.align === "right" ? `${space}${painted}` : `${painted}${space}`;
    });
    return `${parts.join(GAP).trimEnd()}\n`;
  }).join("");
}

/** A cell without a meaning of its own. */
export function plain(text: string | number): Cell {
  return { text: String(text), tone: "plain" };
}

/** Takes from the widest column until all fit. */
function fitted(natural: readonly number[], width: number | undefined): number[] {
  const widths = [...natural];
  if (width === undefined) return widths;
  let surplus = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1) - width;
  while (surplus > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= COLUMN_MIN) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    surplus -= 1;
  }
  return widths;
}

/** At most so many columns of the text, with an ellipsis for what was cut. */
export function cut(text: string, width: number): string {
  if (unicodeWidth(text) <= width) return text;
  let kept = "";
  for (const char of text) {
    if (unicodeWidth(kept + char) > width - 1) break;
    kept += char;
  }
  return `${kept}…`;
}
