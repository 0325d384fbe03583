/**
 * What the payload counts, and how `/metrics` says it: the Prometheus text format, version 0.0.4. Few and by hand, since
 * a metrics package would weigh more than the rest of the program.
 * @module
 */
import { VERSION } from "../runtime/version.ts";

/** The payload's counts since its start. */
export interface Counters {
  /** Requests answered, by status code. */
  readonly answered: Map<number, number>;
  /** Requests that are being answered. */
  inFlight: number;
}

/** What is measured at the moment of asking. */
export interface Gauges {
  uptimeMs: number;
  startedAtMs: number;
  residentBytes: number;
  ready: boolean;
}

/** All counts at zero. */
export function newCounters(): Counters {
  return { answered: new Map(), inFlight: 0 };
}

/** The page for Prometheus. */
export function metricsText({ answered, inFlight }: Counters, gauges: Gauges): string {
  const codes = [...answered].toSorted(([a], [b]) => a - b);
  return [
    metric("muster_payload_requests_total", "counter", "Requests answered, by status code."),
    ...codes.map(([code, count]) => `muster_payload_requests_total{code="${code}"} ${count}`),
    metric("muster_payload_requests_in_flight", "gauge", "Requests being answered."),
    `muster_payload_requests_in_flight ${inFlight}`,
    metric("muster_payload_ready", "gauge", "Whether /readyz says 200."),
    `muster_payload_ready ${gauges.ready ? 1 : 0}`,
    metric("muster_payload_uptime_seconds", "gauge", "Time since the start."),
    `muster_payload_uptime_seconds ${gauges.uptimeMs / 1_000}`,
    metric("process_start_time_seconds", "gauge", "Unix time of the start."),
    `process_start_time_seconds ${gauges.startedAtMs / 1_000}`,
    metric("process_resident_memory_bytes", "gauge", "Resident memory."),
    `process_resident_memory_bytes ${gauges.residentBytes}`,
    metric("muster_build_info", "gauge", "Always 1; the version is in the label."),
    `muster_build_info{version="${VERSION}"} 1`,
    "",
  ].join("\n");
}

function metric(name: string, type: "counter" | "gauge", help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}`;
}
