/**
 * How much of what is wanted is there, as a bar. A pipe gets the count alone.
 * @module
 */
import type { TableStyle } from "./table.ts";

const CELLS = 8;

/** `██████░░ 3/4`; whoever reads it sees at once whether something is missing, however much is wanted. */
export function bar(part: number, whole: number, { width }: TableStyle): string {
  const count = `${part}/${whole}`;
  if (width === undefined) return count;
  const share = whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole));
  // Full is only what is complete, and empty only what is nothing.
  const filled = share === 1 ? CELLS : Math.min(CELLS - 1, Math.ceil(share * CELLS));
  return `${"█".repeat(filled)}${"░".repeat(CELLS - filled)} ${count}`;
}
