/**
 * The payload's state while it works: who it is, since when it runs and listens, what it has counted. Made by `run.ts`,
 * read and counted up by `handler.ts`.
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import type { Random } from "../runtime/random.ts";
import { type Counters, newCounters } from "./counters.ts";
import type { Identity } from "./identity.ts";
import type { PayloadConfig } from "./payload_flags.ts";
import type { OpenSockets } from "./web_sockets.ts";

/** What the answers depend on. */
export interface Work {
  readonly config: PayloadConfig;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends the process at once. */
  readonly crash: () => void;
  /** By the clock's `now` and by its `wall`. */
  readonly startedAtMs: { now: number; wall: number };
  readonly counters: Counters;
  readonly sockets: OpenSockets;
  /** Set while listening: since when (by `now`), and where. */
  listening: { sinceMs: number; host: string; port: number } | undefined;
  draining: boolean;
  /** Requests other than probes, so far. */
  requests: number;
}

/** A payload that has just started and doesn't listen yet. */
export function newWork(given: Pick<Work, "config" | "identity" | "clock" | "random" | "crash">): Work {
  const startedAtMs = { now: given.clock.now(), wall: given.clock.wall() };
  return {
    ...given,
    startedAtMs,
    counters: newCounters(),
    sockets: new Set(),
    listening: undefined,
    draining: false,
    requests: 0,
  };
}

/** Why `/readyz` says 503, or undefined when it says 200. */
export function notReadyBecause({ draining, listening, clock, config }: Work): string | undefined {
  if (draining) return "draining";
  if (listening === undefined || clock.now() - listening.sinceMs < config.readyDelayMs) return "starting";
  return undefined;
}

/** Time since the start. */
export function uptimeMs({ clock, startedAtMs }: Work): number {
  return clock.now() - startedAtMs.now;
}

/** The same in whole seconds. */
export function uptimeSeconds(work: Work): number {
  return Math.floor(uptimeMs(work) / 1_000);
}
