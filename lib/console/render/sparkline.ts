/**
 * A row of figures as a line of little columns, the newest at the right.
 * @module
 */

const HEIGHTS = "▁▂▃▄▅▆▇█";
/** What wasn't measured. */
const NOTHING = " ";

/** The last `width` of the values; `most` is what fills a column, the largest value unless that is given. */
export function sparkline(
  values: readonly (number | null)[],
  { width, most }: { width: number; most?: number },
): string {
  const shown = values.slice(-width);
  const top = most ?? shown.reduce<number>((largest, value) => Math.max(largest, value ?? 0), 0);
  return shown.map((value) => value === null ? NOTHING : columnOf(value, top)).join("").padStart(width);
}

function columnOf(value: number, top: number): string {
  const share = top <= 0 ? 0 : Math.min(1, Math.max(0, value / top));
  return HEIGHTS[Math.min(HEIGHTS.length - 1, Math.floor(share * HEIGHTS.length))] ?? NOTHING;
}
