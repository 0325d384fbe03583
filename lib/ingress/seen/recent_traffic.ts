/**
 * What came through lately, by service: counted where the metrics are, by the proxy request by request, and from the
 * threads of the ingress as they pass on what they have counted. Bounded by the number of services.
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import { BOUNDS_MS, bucketOf, CODES, placesIn } from "./traffic_layout.ts";
import { type Batch, OTHER } from "./traffic_metrics.ts";
import { INTERVAL_MS, intervalAt, INTERVALS_MAX, type TrafficPoint, TrafficRing } from "./traffic_ring.ts";

const SERVICES_MAX = 1_000;
const ROUTE = placesIn("route");
const NO_ANSWER = CODES.indexOf("none");
const SERVER_ERROR = CODES.indexOf("5xx");

export interface LatelySeen {
  intervalMs: number;
  /** The oldest first, up to the last that is over; none of before it was counted. */
  points: TrafficPoint[];
}

export class RecentTraffic {
  readonly #clock: Clock;
  readonly #since: number;
  readonly #rings = new Map<string, TrafficRing>();
  readonly #one = new Uint32Array(BOUNDS_MS.length + 1);

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = intervalAt(clock.now());
  }

  /** A request has been answered. */
  answered(service: string, { status, tookMs }: { status: number; tookMs: number }): void {
    const bucket = bucketOf(tookMs);
    this.#one[bucket] = 1;
    this.#add(service, { requests: 1, errors: status >= 500 ? 1 : 0, durations: this.#one });
    this.#one[bucket] = 0;
  }

  /** A thread has passed on what it has counted; latency is that of the heads of replicas' answers. */
  counted(batch: Batch): void {
    for (const { kind, labels: [service = OTHER], deltas } of batch) {
      if (kind !== "route" || service === OTHER) continue;
      const codes = deltas.subarray(ROUTE.requests_total, ROUTE.requests_total + CODES.length);
      const requests = codes.reduce((sum, count) => sum + count, 0);
      if (requests === 0) continue;
      const errors = (codes[NO_ANSWER] ?? 0) + (codes[SERVER_ERROR] ?? 0);
      const durations = deltas.subarray(
        ROUTE.head_duration_seconds,
        ROUTE.head_duration_seconds + BOUNDS_MS.length + 1,
      );
      this.#add(service, { requests, errors, durations });
    }
  }

  delete(service: string): void {
    this.#rings.delete(service);
  }

  of(service: string): LatelySeen {
    const ring = this.#rings.get(service);
    const nowMs = this.#clock.now();
    const open = intervalAt(nowMs);
    // Intervals are those of a clock that never jumps; what people read goes by the wall's.
    const aheadMs = this.#clock.wall() - nowMs;
    const first = Math.max(this.#since, open - INTERVALS_MAX);
    const points = Array.from({ length: Math.max(0, open - first) }, (_, at): TrafficPoint => ({
      endMs: (first + at + 1) * INTERVAL_MS + aheadMs,
      ...(ring?.interval(first + at, nowMs) ?? { requests: 0, errors: 0, p50Ms: undefined, p99Ms: undefined }),
    }));
    return { intervalMs: INTERVAL_MS, points };
  }

  #add(service: string, counted: Parameters<TrafficRing["add"]>[0]): void {
    const nowMs = this.#clock.now();
    const known = this.#rings.get(service);
    if (known === undefined && this.#rings.size >= SERVICES_MAX) return;
    const ring = known ?? new TrafficRing(nowMs);
    if (known === undefined) this.#rings.set(service, ring);
    ring.add(counted, nowMs);
  }
}
