/**
 * The order of a table's rows by a column that somebody chose: numbers by size, texts as people sort them ("web.2" before
 * "web.10"), and what isn't known last, either way.
 * @module
 */

export interface Order {
  column: string;
  descending: boolean;
}

export type SortKey = string | number | null;

const collator = new Intl.Collator("en", { numeric: true });

/** The rows in order; those that are alike stay as they were. */
export function ordered<T>(
  rows: readonly T[],
  keyOf: (row: T) => SortKey,
  { descending }: Pick<Order, "descending">,
): T[] {
  const keyed = rows.map((row) => ({ row, key: keyOf(row) }));
  return keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return (descending ? -1 : 1) * compare(a.key, b.key);
  }).map(({ row }) => row);
}

/** "web-2" before "web-10". */
export function byName(a: string, b: string): number {
  return collator.compare(a, b);
}

/** The rows of a long list that are to be seen, and some around them. */
export interface Window {
  from: number;
  to: number;
}

/** Which rows are seen when the list begins `topPx` below the upper edge of the screen (negative: it is scrolled past). */
export function windowOf(
  { rows, rowPx, topPx, heightPx }: { rows: number; rowPx: number; topPx: number; heightPx: number },
): Window {
  const around = 10;
  const first = Math.floor(-topPx / rowPx) - around;
  const from = Math.min(Math.max(0, first), Math.max(0, rows - 1));
  const to = Math.min(rows, Math.max(from + 1, Math.ceil((heightPx - topPx) / rowPx) + around));
  return { from: from - from % 2, to };
}

function compare(a: string | number, b: string | number): number {
  return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
}
