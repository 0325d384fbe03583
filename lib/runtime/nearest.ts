/**
 * "Did you mean …?": the known word that is closest to the one found. Used for unknown flags, unknown keys of a file and
 * unknown fields of an API body. The distance is Damerau's in its "optimal string alignment" form: insertions, deletions,
 * replacements and swaps of neighbours cost one each.
 * @module
 */

/** Longer words are not compared: no known word is that long, and the cost grows with the square. */
const WORD_MAX = 64;

/** The word of `known` that `word` most likely meant, or undefined when none is close. Of equals the first one wins. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > WORD_MAX) return undefined;
  let best: string | undefined;
  let bestDistance = slipsAllowed(word) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), { limit: bestDistance });
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** A third of the word may be wrong, and at least one letter: "prot" is "port", "xy" is nothing. */
function slipsAllowed(word: string): number {
  return Math.max(1, Math.floor(word.length / 3));
}

/** The number of edits from `a` to `b`; once it must reach `limit`, some number from `limit` on. */
export function editDistance(a: string, b: string, { limit = Infinity }: { limit?: number } = {}): number {
  if (Math.abs(a.length - b.length) >= limit) return Math.abs(a.length - b.length);
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const differs = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        cell(last, column) + 1,
        cell(current, column - 1) + 1,
        cell(last, column - 1) + differs,
        swapped ? cell(beforeLast, column - 2) + 1 : Infinity,
      );
    }
    // A swap reaches back two rows: only when both are beyond the limit nothing can come below it again.
    if (Math.min(...current) >= limit && Math.min(...last) >= limit) return limit;
    [beforeLast, last] = [last, current];
  }
  return cell(last, b.length);
}

function cell(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
