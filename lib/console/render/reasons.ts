/**
 * Names with sentences beside them: why something is as it is. A sentence is worth reading to its end, so it goes on in
 * further lines of its own column where a table would cut it; only one that never ends is cut.
 * @module
 */
import { unicodeWidth } from "@std/cli";
import { printableLine } from "../../runtime/sanitize.ts";
import { paint } from "./paint.ts";
import { cut, type TableStyle } from "./table.ts";
import { wrapped } from "../../runtime/terminal/wrap.ts";

export interface Reason {
  name: string;
  text: string;
}

const GAP = "  ";
const NAME_COLUMNS_MAX = 32;
const LINES_MAX = 4;

/** Each reason under the headings, its text in as many lines as it needs, up to a few. */
export function reasons([nameTitle, textTitle]: [string, string], given: readonly Reason[], style: TableStyle): string {
  if (given.length === 0) return "";
  const most = style.width === undefined ? Infinity : Math.min(NAME_COLUMNS_MAX, Math.floor(style.width / 3));
  const names = given.map(({ name }) => cut(printableLine(name), most));
  const column = names.reduce((widest, name) => Math.max(widest, unicodeWidth(name)), nameTitle.length);
  const width = style.width === undefined ? undefined : Math.max(1, style.width - column - GAP.length);
  const rows = given.map(({ text }, at) => {
    const lines = wrapped(text, { width }).trimEnd().split("\n");
    const shown = lines.slice(0, LINES_MAX).map((line) => width === undefined ? line : cut(line, width));
    const name = names[at] ?? "";
    const rest = lines.length > LINES_MAX ? "…" : "";
    return `${name}${" ".repeat(column - unicodeWidth(name))}${GAP}${
      shown.join(`\n${" ".repeat(column)}${GAP}`)
    }${rest}\n`;
  });
  const heading = `${paint(nameTitle, "heading", style)}${" ".repeat(column - nameTitle.length)}${GAP}`;
  return `${heading}${paint(textTitle, "heading", style)}\n${rows.join("")}`;
}
