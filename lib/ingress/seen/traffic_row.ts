/**
 * One row of numbers in a worker: of a route, of a replica's slot, or of the edge. The tables hold on to rows, so that to
 * count is to add to an array, a few nanoseconds each. `traffic_metrics.ts` has them all.
 * @module
 */
import {
  bucketOf,
  CODES,
  type Fault,
  FAULTS,
  HISTOGRAM_SUM,
  placesIn,
  type RowKind,
  type SingleIn,
  widthOf,
} from "./traffic_layout.ts";

const EDGE = placesIn("edge");
const ROUTE = placesIn("route");
const SLOT = placesIn("slot");
const FAULT_AT: ReadonlyMap<Fault, number> = new Map(FAULTS.map((fault, at) => [fault, at]));

/** What was counted in one row since it was last asked. */
export interface BatchRow {
  kind: RowKind;
  /** The values of the row's labels. */
  labels: readonly string[];
  deltas: Float64Array;
}

class Row {
  readonly #kind: RowKind;
  readonly #labels: readonly string[];
  readonly #numbers: Float64Array;
  #hasChanged = false;

  constructor(kind: RowKind, labels: readonly string[]) {
    this.#kind = kind;
    this.#labels = labels;
    this.#numbers = new Float64Array(widthOf(kind));
  }

  /** What has changed; undefined when nothing has. */
  take(): BatchRow | undefined {
    if (!this.#hasChanged) return undefined;
    const deltas = this.#numbers.slice();
    this.#numbers.fill(0);
    this.#hasChanged = false;
    return { kind: this.#kind, labels: this.#labels, deltas };
  }

  protected addAt(at: number, by: number): void {
    this.#numbers[at]! += by;
    this.#hasChanged = true;
  }
}

/** The edge as a whole: connections of clients, tunnels to replicas. */
export class EdgeRow extends Row {
  constructor() {
    super("edge", []);
  }

  /** Counts more of something, or with a negative number less. */
  add(name: SingleIn<"edge">, by = 1): void {
    this.addAt(EDGE[name], by);
  }
}

/** The requests that a route takes. */
export class RouteRow extends Row {
  constructor(service: string, route: string) {
    super("route", [service, route]);
  }

  /** Counts more of something, or with a negative number less. */
  add(name: SingleIn<"route">, by = 1): void {
    this.addAt(ROUTE[name], by);
  }

  /** A request has ended. `status` is 0 when there was no answer. */
  answered(status: number, durationMs: number): void {
    this.addAt(ROUTE.requests_total + codeOf(status), 1);
    this.#time(ROUTE.request_duration_seconds, durationMs);
  }

  /** The head of a replica's answer has come. */
  head(tookMs: number): void {
    this.#time(ROUTE.head_duration_seconds, tookMs);
  }

  failed(fault: Fault): void {
    this.addAt(ROUTE.errors_total + faultAt(fault), 1);
  }

  /** Content that went through, without heads and framing. */
  passed(receivedBytes: number, sentBytes: number): void {
    this.addAt(ROUTE.received_bytes_total, receivedBytes);
    this.addAt(ROUTE.sent_bytes_total, sentBytes);
  }

  /** A request waits no longer, whatever became of it. While it did, `queue_length` was one more. */
  waited(ms: number): void {
    this.addAt(ROUTE.queue_length, -1);
    this.addAt(ROUTE.queue_waits_total, 1);
    this.addAt(ROUTE.queue_wait_seconds_total, ms);
  }

  #time(at: number, ms: number): void {
    this.addAt(at + bucketOf(ms), 1);
    this.addAt(at + HISTOGRAM_SUM, ms);
  }
}

/** The requests that go to the replica of a slot. */
export class SlotRow extends Row {
  constructor(service: string, slot: string) {
    super("slot", [service, slot]);
  }

  /** Counts more of something, or with a negative number less. */
  add(name: SingleIn<"slot">, by = 1): void {
    this.addAt(SLOT[name], by);
  }

  /** The head of its answer has come. */
  answered(status: number, tookMs: number): void {
    this.addAt(SLOT.replica_requests_total + codeOf(status), 1);
    this.addAt(SLOT.replica_head_duration_seconds, tookMs);
    this.addAt(SLOT.replica_head_duration_seconds + 1, 1);
  }

  failed(fault: Fault): void {
    this.addAt(SLOT.replica_errors_total + faultAt(fault), 1);
  }
}

function codeOf(status: number): number {
  const digit = Math.trunc(status / 100);
  return digit > 0 && digit < CODES.length ? digit : 0;
}

function faultAt(fault: Fault): number {
  return FAULT_AT.get(fault) ?? 0;
}
