/**
 * The services that a run is played with, and what the program of each does.
 * @module
 */
import type { z } from "zod";
import type { ServiceSpec } from "../../lib/cluster/service.ts";
import { intBetween, type Random } from "../../lib/runtime/random.ts";
import type { Order } from "../../lib/wire/protocol.ts";
import type { Program } from "./process.ts";
import { FAULT_VARIABLE, type FAULTY } from "./releases.ts";

/** A service, and how its program differs from one that is ready soon, ends when asked and never crashes. */
interface Part {
  spec: Omit<z.input<typeof ServiceSpec>, "name" | "command">;
  readyAfterMs?: number;
  /** Whether a replica ends when it is asked to; otherwise it has to be killed. */
  endsWhenAsked?: (replica: string) => boolean;
  /** When a replica crashes by itself, where it does. */
  crashAfterMs?: (replica: string, random: Random) => number | undefined;
}

const READY_AFTER_MS = 50;
const ENDS_AFTER_MS = 100;

/** How soon a program crashes that does: some at once and again and again, some later. */
const CRASH_AT_ONCE_MS = { min: 10, max: 100 };
const CRASH_LATER_MS = { min: 10, max: 20_000 };
const CRASH_LATER_SHARE = 0.7;
/** When a program exits that seemed to be well: after its release has proved itself, or just before. */
const EXIT_LATER_MS = { min: 3_000, max: 25_000 };

/** Where most hosts are away, the large ones have to make room for themselves; on all hosts there is room for all. */
const LARGE = { cpu: 1, memory: 0 };
const SMALL = { cpu: 0.25, memory: 0 };

const health = { http: "/", interval: "10s", start_period: "20s" };
const stop = { timeout: "5s" };

const PARTS: Readonly<Record<string, Part>> = {
  payload: {
    spec: { replicas: 4, health, resources: SMALL, priority: 20 },
  },
  slow: {
    spec: { replicas: 2, health, stop, resources: LARGE },
    readyAfterMs: 8_000,
  },
  crashy: {
    spec: { replicas: 2, health, stop },
    crashAfterMs(replica, random) {
      if (isAmong(replica, 5)) return intBetween(random, CRASH_AT_ONCE_MS);
      return random.next() < CRASH_LATER_SHARE ? intBetween(random, CRASH_LATER_MS) : undefined;
    },
  },
  stubborn: {
    spec: { replicas: 2, health, stop },
    endsWhenAsked: () => false,
  },
  keeper: {
    spec: { replicas: 2, data: { per_slot: true } },
  },
  only: {
    spec: { replicas: 2, on_isolation: { stop_after: "10s" }, stop },
    endsWhenAsked: (replica) => !isAmong(replica, 5),
    // Few, and each of them for ever: it has to be moved.
    crashAfterMs: (replica, random) => isAmong(replica, 13) ? undefined : intBetween(random, CRASH_AT_ONCE_MS),
  },
};

/** The services, in the order in which they are written. */
export const CAST: readonly z.input<typeof ServiceSpec>[] = Object.entries(PARTS).map(([name, { spec }]) => ({
  ...spec,
  name,
  command: [name],
}));

/** What the program of a service does this time; nothing crashes by itself where all is calm. */
export function programOf({ assignment, spec }: Order, { random, calm }: { random: Random; calm: boolean }): Program {
  const { service, id } = assignment;
  const { readyAfterMs = READY_AFTER_MS, endsWhenAsked, crashAfterMs }: Partial<Part> = PARTS[service] ?? {};
  const endsAfterMs = endsWhenAsked?.(id) === false ? undefined : ENDS_AFTER_MS;
  const program = { readyAfterMs, endsAfterMs, crashAfterMs: undefined };
  const fault = spec.env[FAULT_VARIABLE];
  if (fault !== undefined) return { ...program, ...faulty(fault, random) };
  return calm ? program : { ...program, crashAfterMs: crashAfterMs?.(id, random) };
}

/** A bad release is so everywhere and for ever: only another release mends it. */
function faulty(fault: string, random: Random): Partial<Program> {
  switch (fault as (typeof FAULTY)[number]) {
    case "crashes":
      return { crashAfterMs: intBetween(random, CRASH_AT_ONCE_MS) };
    case "never ready":
      return { readyAfterMs: Infinity };
    case "exits later":
      return { crashAfterMs: intBetween(random, EXIT_LATER_MS) };
  }
}

/** Whether a replica is among that many of sixteen, which it is for as long as it lives. */
function isAmong(replica: string, sixteenths: number): boolean {
  return Number.parseInt(replica.slice(0, 1), 16) < sixteenths;
}
