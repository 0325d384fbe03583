/**
 * What the ingress counts, as data: for a route, for a replica's slot, and for the edge as a whole a row of plain numbers,
 * and where in it what stands. `traffic_metrics.ts` counts into such rows, `traffic_totals.ts` adds them up and prints
 * them. Names and units are Prometheus's; no label ever holds an id, which would make the rows grow with time.
 * @module
 */
import { ERROR_REASON_NAMES } from "./error_reason.ts";

/** Upper bounds of the buckets for durations, in milliseconds; one more bucket takes what is longer. */
export const BOUNDS_MS: readonly number[] = [
  ...[1, 2.5, 5, 10, 25, 50, 100, 250, 500],
  ...[1_000, 2_500, 5_000, 10_000, 30_000, 60_000],
];

/** Behind the buckets of a histogram stands their sum; a summary is its sum and its count. */
export const HISTOGRAM_SUM: number = BOUNDS_MS.length + 1;

/** By the first digit of the status; the first is for requests whose client went before there was one. */
export const CODES: readonly string[] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

/** Why requests failed: what was answered, or that an answer broke off when its head was out already. */
export const FAULTS = [...ERROR_REASON_NAMES, "broken-off"] as const;
export type Fault = (typeof FAULTS)[number];

/** One metric of a row. Gauges are kept as what was added and taken away. */
interface Metric {
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  readonly help: string;
  /** A column for each value of this label, of which only those that aren't 0 are printed. */
  readonly by?: { readonly label: string; readonly values: readonly string[] };
  /** Kept in milliseconds, printed in seconds. */
  readonly isTime?: boolean;
}

/** A metric with its place in the row. */
export interface Column extends Metric {
  readonly name: string;
  readonly at: number;
}

const codes = { label: "code", values: CODES };
const faults = { label: "reason", values: FAULTS };

const ROUTE = {
  requests_total: { type: "counter", help: "Requests answered, by class of status.", by: codes },
  request_duration_seconds: { type: "histogram", help: "Time to the end of an answer." },
  head_duration_seconds: { type: "histogram", help: "Time to the head of a replica's answer." },
  errors_total: { type: "counter", help: "Requests that failed, by reason.", by: faults },
  received_bytes_total: { type: "counter", help: "Content of requests, and what came through tunnels and TCP routes." },
  sent_bytes_total: { type: "counter", help: "Content of answers, and what went through tunnels and TCP routes." },
  retries_total: { type: "counter", help: "Requests sent to another replica." },
  queue_waits_total: { type: "counter", help: "Requests that waited for a replica." },
  queue_wait_seconds_total: { type: "counter", help: "Time that they waited in all.", isTime: true },
  queue_length: { type: "gauge", help: "Requests that wait for a replica." },
  requests_in_flight: { type: "gauge", help: "Requests under way." },
  websockets: { type: "gauge", help: "WebSockets that are open, and other connections that were upgraded." },
} as const satisfies Record<string, Metric>;

const SLOT = {
  replica_requests_total: { type: "counter", help: "Answers of a replica, by class of status.", by: codes },
  replica_head_duration_seconds: { type: "summary", help: "Time to the head of a replica's answer." },
  replica_errors_total: { type: "counter", help: "Requests that a replica failed, by reason.", by: faults },
  replica_ejections_total: { type: "counter", help: "How often a replica was left out for its failures." },
  replica_requests_in_flight: { type: "gauge", help: "Requests under way at a replica." },
} as const satisfies Record<string, Metric>;

const EDGE = {
  connections_total: { type: "counter", help: "Connections of clients that were taken." },
  connections_refused_total: { type: "counter", help: "Connections of clients beyond the most." },
  connections: { type: "gauge", help: "Connections of clients that are open." },
  tcp_connections: { type: "gauge", help: "Connections that are passed on by TCP routes." },
  access_lines_dropped_total: { type: "counter", help: "Lines of the access log that could not be written." },
} as const satisfies Record<string, Metric>;

type Row = Readonly<Record<string, Metric>>;
const ROWS = { route: ROUTE, slot: SLOT, edge: EDGE } satisfies Record<string, Row>;

/** Of what a row is. */
export type RowKind = keyof typeof ROWS;
type Named<Kind extends RowKind> = (typeof ROWS)[Kind];
type NameIn<Kind extends RowKind> = keyof Named<Kind> & string;
type Wide = { type: "histogram" | "summary" } | { by: unknown };

/** The metrics of one number. */
export type SingleIn<Kind extends RowKind> = {
  [Name in NameIn<Kind>]: Named<Kind>[Name] extends Wide ? never : Name;
}[NameIn<Kind>];

/** The labels of each kind of row. */
export const LABELS: Readonly<Record<RowKind, readonly string[]>> = {
  route: ["service", "route"],
  slot: ["service", "slot"],
  edge: [],
};

/** The metrics of each kind of row, in their order. */
export const COLUMNS: Readonly<Record<RowKind, readonly Column[]>> = {
  route: columnsOf(ROUTE),
  slot: columnsOf(SLOT),
  edge: columnsOf(EDGE),
};

/** How many numbers a row has. */
export function widthOf(kind: RowKind): number {
  return COLUMNS[kind].reduce((sum, column) => sum + widthOfMetric(column), 0);
}

/** Where each metric begins in its row. */
export function placesIn<Kind extends RowKind>(kind: Kind): Readonly<Record<NameIn<Kind>, number>> {
  return Object.fromEntries(COLUMNS[kind].map(({ name, at }) => [name, at])) as Record<NameIn<Kind>, number>;
}

/** In which bucket a duration falls. */
export function bucketOf(ms: number): number {
  let bucket = 0;
  while (bucket < BOUNDS_MS.length && ms > BOUNDS_MS[bucket]!) bucket++;
  return bucket;
}

function columnsOf(row: Row): Column[] {
  let at = 0;
  return Object.entries(row).map(([name, metric]) => {
    const column = { ...metric, name, at };
    at += widthOfMetric(metric);
    return column;
  });
}

function widthOfMetric({ type, by }: Metric): number {
  if (type === "histogram") return HISTOGRAM_SUM + 1;
  return type === "summary" ? 2 : by?.values.length ?? 1;
}
