/**
 * What all workers of the ingress have counted, in the text format of Prometheus. Workers send what has changed
 * (`traffic_metrics.ts`); here it is added up, and what a worker had open goes with it when it ends.
 * @module
 */
import { BOUNDS_MS, type Column, COLUMNS, HISTOGRAM_SUM, LABELS, type RowKind, widthOf } from "./traffic_layout.ts";
import { type Batch, OTHER } from "./traffic_metrics.ts";
import type { BatchRow } from "./traffic_row.ts";

const PREFIX = "muster_ingress_";
const KINDS: readonly RowKind[] = ["edge", "route", "slot"];
/** Workers may not have met the same routes first. */
const ROWS_MAX: Readonly<Record<RowKind, number>> = { edge: 1, route: 1_000, slot: 10_000 };

interface Total {
  readonly labels: readonly string[];
  readonly numbers: Float64Array;
}

type Totals = Map<string, Total>;
type PerKind = Readonly<Record<RowKind, Totals>>;

/** Which of a row's numbers are of what is open now. */
const GAUGES: Readonly<Record<RowKind, readonly number[]>> = {
  edge: gaugesIn("edge"),
  route: gaugesIn("route"),
  slot: gaugesIn("slot"),
};

export interface TotalsOptions {
  /** How many rows of each kind; what comes beyond is counted as one more, "other". */
  rowsMax?: Partial<Record<RowKind, number>>;
}

/** The sums over all workers. */
export class TrafficTotals {
  readonly #rows: PerKind = { edge: new Map(), route: new Map(), slot: new Map() };
  readonly #rowsMax: Readonly<Record<RowKind, number>>;
  /** The gauges alone, of each worker. */
  readonly #ofWorkers = new Map<number, PerKind>();

  constructor({ rowsMax = {} }: TotalsOptions = {}) {
    this.#rowsMax = { ...ROWS_MAX, ...rowsMax };
  }

  /** Adds what a worker has sent. */
  add(worker: number, batch: Batch): void {
    const own: PerKind = this.#ofWorkers.get(worker) ?? { edge: new Map(), route: new Map(), slot: new Map() };
    this.#ofWorkers.set(worker, own);
    for (const { kind, labels, deltas } of batch) {
      const held = this.#bounded({ kind, labels });
      addTo(totalIn(this.#rows[kind], { labels: held, width: widthOf(kind) }), deltas);
      const gauges = GAUGES[kind];
      addTo(totalIn(own[kind], { labels: held, width: gauges.length }), gauges.map((at) => deltas[at] ?? 0));
    }
  }

  /** A worker has ended, and with it whatever it had open. */
  gone(worker: number): void {
    const own = this.#ofWorkers.get(worker);
    if (own === undefined) return;
    this.#ofWorkers.delete(worker);
    for (const kind of KINDS) {
      for (const [key, { numbers }] of own[kind]) {
        const total = this.#rows[kind].get(key)?.numbers;
        GAUGES[kind].forEach((at, index) => {
          if (total !== undefined) total[at]! -= numbers[index] ?? 0;
        });
      }
    }
  }

  /** Forgets the services of which that doesn't hold: their rows would be printed for ever. */
  keep(isKept: (service: string) => boolean): void {
    for (const rows of [this.#rows, ...this.#ofWorkers.values()]) {
      for (const totals of [rows.route, rows.slot]) {
        for (const [key, { labels }] of totals) {
          if (!isKept(labels[0] ?? OTHER)) totals.delete(key);
        }
      }
    }
  }

  /** The metrics as a page, or a part of one. */
  text(): string {
    return KINDS.flatMap((kind) => {
      const totals = [...this.#rows[kind].values()];
      return COLUMNS[kind].flatMap((column) => [
        `# HELP ${PREFIX}${column.name} ${column.help}`,
        `# TYPE ${PREFIX}${column.name} ${column.type}`,
        ...totals.flatMap((total) => linesOf(column, { kind, total })),
      ]);
    }).map((line) => `${line}\n`).join("");
  }

  #bounded({ kind, labels }: Pick<BatchRow, "kind" | "labels">): readonly string[] {
    const totals = this.#rows[kind];
    return totals.has(keyOf(labels)) || totals.size < this.#rowsMax[kind] ? labels : labels.map(() => OTHER);
  }
}

function gaugesIn(kind: RowKind): number[] {
  return COLUMNS[kind].filter(({ type }) => type === "gauge").map(({ at }) => at);
}

function totalIn(totals: Totals, { labels, width }: { labels: readonly string[]; width: number }): Total {
  const key = keyOf(labels);
  const known = totals.get(key);
  if (known !== undefined) return known;
  const total = { labels, numbers: new Float64Array(width) };
  totals.set(key, total);
  return total;
}

/** No name of a service holds a line feed. */
function keyOf(labels: readonly string[]): string {
  return labels.join("\n");
}

function addTo({ numbers }: Total, deltas: ArrayLike<number>): void {
  for (let at = 0; at < numbers.length; at++) numbers[at]! += deltas[at] ?? 0;
}

function linesOf(column: Column, { kind, total }: { kind: RowKind; total: Total }): string[] {
  const { type, at, by, isTime } = column;
  const name = `${PREFIX}${column.name}`;
  const labels = LABELS[kind].map((label, index) => `${label}="${escaped(total.labels[index] ?? "")}"`);
  const number = (place: number) => total.numbers[place] ?? 0;
  if (type === "histogram") return histogramLines(name, { labels, numbers: total.numbers.subarray(at) });
  if (type === "summary") {
    return [`${name}_sum${braced(labels)} ${seconds(number(at))}`, `${name}_count${braced(labels)} ${number(at + 1)}`];
  }
  if (by === undefined) return [`${name}${braced(labels)} ${isTime ? seconds(number(at)) : number(at)}`];
  return by.values.flatMap((value, index) => {
    const count = number(at + index);
    return count === 0 ? [] : [`${name}${braced([...labels, `${by.label}="${value}"`])} ${count}`];
  });
}

function histogramLines(
  name: string,
  { labels, numbers }: { labels: readonly string[]; numbers: Float64Array },
): string[] {
  let within = 0;
  const buckets = [...BOUNDS_MS.map((bound) => String(seconds(bound))), "+Inf"].map((bound, index) => {
    within += numbers[index] ?? 0;
    return `${name}_bucket${braced([...labels, `le="${bound}"`])} ${within}`;
  });
  return [
    ...buckets,
    `${name}_sum${braced(labels)} ${seconds(numbers[HISTOGRAM_SUM] ?? 0)}`,
    `${name}_count${braced(labels)} ${within}`,
  ];
}

function seconds(ms: number): number {
  return ms / 1_000;
}

function braced(pairs: readonly string[]): string {
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
