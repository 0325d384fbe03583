/**
 * What a row of the comparison says: a table in Markdown, and the marks that Muster keeps or misses.
 * @module
 */

export interface Report {
  title: string;
  columns: readonly string[];
  lines: readonly (readonly string[])[];
  marks: readonly Mark[];
  /** What a reader has to know to trust the numbers. */
  note?: string;
  /** What of it is drawn. */
  drawn?: Drawn;
}

export interface Mark {
  what: string;
  measured: number;
  bound: { atMost: number } | { atLeast: number };
}

/** One bar for each candidate. */
export interface Drawn {
  title: string;
  unit: string;
  bars: readonly { name: string; value: number }[];
}

/** How long and how often is measured, and where files may be put. */
export interface Plan {
  seconds: number;
  rounds: number;
  folder: string;
}

export function markdownOf({ title, columns, lines, marks, note }: Report): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const alignment = columns.map((_, at) => at === 0 ? "---" : "---:");
  return [
    `### ${title}`,
    "",
    row(columns),
    row(alignment),
    ...lines.map(row),
    "",
    ...marks.map(spoken),
    ...(note === undefined ? [] : ["", note]),
    "",
  ].join("\n");
}

function spoken({ what, measured, bound }: Mark): string {
  const [isKept, rule] = "atMost" in bound
    ? [measured <= bound.atMost, `at most ${bound.atMost}`]
    : [measured >= bound.atLeast, `at least ${bound.atLeast}`];
  return `- ${isKept ? "kept" : "**missed**"}: ${what}: ${shown(measured)}, ${rule}`;
}

/** With as many digits as mean something. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** The median of one of the things that were measured in each round. */
export function medianBy<T>(samples: readonly T[] | undefined, value: (sample: T) => number): number {
  return medianOf((samples ?? []).map(value));
}

/** Measures all in turn, round after round, so that what else happens meets each of them. Gives what was measured by name. */
export async function inTurn<C extends { name: string }, S>(
  candidates: readonly C[],
  { rounds, measure }: { rounds: number; measure: (candidate: C) => Promise<S> },
): Promise<Map<string, S[]>> {
  const samples = new Map<string, S[]>(candidates.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const candidate of candidates) samples.get(candidate.name)!.push(await measure(candidate));
  }
  return samples;
}
