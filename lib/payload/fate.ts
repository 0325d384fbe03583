/**
 * What becomes of one request, by the flags for misbehaviour. A pure decision: `handler.ts` asks before it answers, and
 * does what it is told. Probes are spared where a test wants a replica that looks well and serves badly.
 * @module
 */
import type { PayloadConfig } from "./payload_flags.ts";

/** The ways in which a request can end. */
export type Fate = "answer" | "error" | "hang" | "crash";

/** The moment of decision. */
export interface Moment {
  path: string;
  /** How many requests came before this one, probes not counted, and this one: the first is 1. */
  requestNumber: number;
  uptimeMs: number;
  /** A number in [0, 1) by chance. */
  chance: number;
}

type Switches = Pick<PayloadConfig, "hangAfterMs" | "crashAtRequest" | "errorRate">;

/** Paths that watchers ask all the time. */
const PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** Whether the path is a watcher's. */
export function isProbe(path: string): boolean {
  return PROBES.has(path);
}

/** Decides about one request. */
export function fateOf({ hangAfterMs, crashAtRequest, errorRate }: Switches, moment: Moment): Fate {
  if (hangAfterMs !== undefined && moment.uptimeMs >= hangAfterMs) return "hang";
  if (isProbe(moment.path)) return "answer";
  if (crashAtRequest !== undefined && moment.requestNumber >= crashAtRequest) return "crash";
  return moment.chance < errorRate ? "error" : "answer";
}
