/**
 * Amounts of processor and memory for people. What a host can't measure is a dash, and never a 0.
 * @module
 */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const UNKNOWN = "–";

/** `1 node`, `2 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `0.25`: cores. */
export function cores(count: number | null): string {
  return count === null ? UNKNOWN : count.toFixed(2);
}

/** `4`, `0.5`: sums of fractions are not shown to their last digit. */
export function rounded(count: number): string {
  return String(Math.round(count * 100) / 100);
}

/** `85 MiB`, `1.2 GiB`. */
export function bytes(count: number | null): string {
  if (count === null) return UNKNOWN;
  let [amount, unit] = [count, 0];
  // What would be printed as 1024 is 1 of the next unit.
  while (Math.round(amount) >= 1_024 && unit < UNITS.length - 1) [amount, unit] = [amount / 1_024, unit + 1];
  const digits = unit === 0 || amount >= 10 ? 0 : 1;
  return `${amount.toFixed(digits)} ${UNITS[unit] ?? ""}`;
}

/** What specs and nodes give in MiB. */
export function mebibytes(count: number): string {
  return bytes(count * 1_048_576);
}
