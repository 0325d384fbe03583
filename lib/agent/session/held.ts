/**
 * One replica in the agent's hands, from its first order until nothing of it is left. What it goes through is a
 * `Stage`; each stage has exactly the facts that it needs, so that a replica that waits has no pid and one that runs has.
 * @module
 */
import { backoffMs } from "../../cluster/backoff.ts";
import type { Exit, Observation } from "../../cluster/replica.ts";
import { MAIN_PORT, takesTurns } from "../../cluster/surroundings.ts";
import { parseDurationMs } from "../../runtime/duration.ts";
import type { Order } from "../../wire/protocol.ts";
import { hasStarted, isReady, type Readiness, whyNotReady } from "./readiness.ts";
import { goodPorts, type Roles } from "./roles.ts";

/** A process that was begun and is not known to have ended. */
export interface Instance {
  id: string;
  /** Undefined until the host said that it runs. */
  pid: number | undefined;
  port: number;
  /** Its further ports, by name. */
  ports: Readonly<Record<string, number>>;
  startedMs: number;
  startedAt: string;
  readiness: Readiness;
  roles: Roles;
}

/**
 * What follows its end: nothing, the start that was asked for, one because newer orders want it after all, the one after
 * a crash, which this end then is, or one once its controller is heard again.
 */
export type Next = "stop" | "restart" | "recalled" | "isolated" | { crashOf: string };

export type Stage =
  /** To be started at `startMs`; `exit` tells how the last instance ended. */
  | { kind: "waiting"; startMs: number; exit: Exit | null; reason: string }
  | { kind: "up"; instance: Instance }
  /** Withdrawn: no new requests, those under way may end. */
  | { kind: "draining"; instance: Instance; earliestMs: number; deadlineMs: number; then: "stop" | "restart" }
  /** `step` is the last one taken; `trouble` says what went wrong with the command. */
  | {
    kind: "stopping";
    instance: Instance;
    step: "command" | "signal" | "kill";
    killMs: number;
    then: Next;
    trouble: string;
  }
  /** Ended for good; kept until the orders name it no more. */
  | { kind: "ended"; exit: Exit | null; reason: string };

export interface Held {
  order: Order;
  stage: Stage;
  /** It is in the newest orders. */
  ordered: boolean;
  /** The restart that the running instance answers to. */
  restartSeq: number;
  restarts: number;
  /** Since when it is in this agent's hands, as far as that is known. */
  sinceMs: number;
  /** How its last instance ended and why, until the next one is ready. */
  lastEnd: { exit: Exit | null; reason: string } | undefined;
  /** When each crash within the policy's window was. */
  crashesMs: number[];
  /** Ports that were found taken since the last start. */
  taken: number[];
  tunnels: number;
  /** The last lines of the process that ended last, or of one that did not get ready. */
  lastWords: string[];
}

/** Crashes that are remembered of one replica: more than any back-off needs. */
const CRASHES_MAX = 64;
/** Ports that are tried before a start counts as failed. */
export const PORT_TRIES_MAX = 3;

/** A replica that is to be started. */
export function newlyHeld(order: Order, nowMs: number): Held {
  const stage: Stage = order.assignment.draining
    ? { kind: "ended", exit: null, reason: "does not run here" }
    : { kind: "waiting", startMs: nowMs, exit: null, reason: order.assignment.reason };
  return {
    order,
    stage,
    ordered: true,
    restartSeq: order.assignment.restart_seq,
    restarts: 0,
    lastEnd: undefined,
    sinceMs: nowMs,
    crashesMs: [],
    taken: [],
    tunnels: 0,
    lastWords: [],
  };
}

/** The process of a replica, if it may be alive. */
export function instanceOf(held: Held): Instance | undefined {
  const { stage } = held;
  return stage.kind === "waiting" || stage.kind === "ended" ? undefined : stage.instance;
}

/** Where a process listens: at its main port, or at the one of that name. */
export function portAt(
  { order: { spec } }: Held,
  instance: Instance,
  name: string = MAIN_PORT,
): { port: number; exposed: boolean } | undefined {
  if (name === MAIN_PORT) return { port: instance.port, exposed: false };
  const port = Object.hasOwn(instance.ports, name) ? instance.ports[name] : undefined;
  return port === undefined ? undefined : { port, exposed: spec.ports[name]?.expose === "node" };
}

/** Whether a process of another replica of its slot would be in its way, so that it waits for that one's end. */
export function mustWait(held: Held, all: Iterable<Held>): boolean {
  if (!takesTurns(held.order.spec)) return false;
  for (const other of all) {
    if (other !== held && isSameSlot(other, held) && instanceOf(other) !== undefined) return true;
  }
  return false;
}

export function isSameSlot({ order: { assignment: a } }: Held, { order: { assignment: b } }: Held): boolean {
  return a.service === b.service && a.slot === b.slot;
}

/** Takes in a crash or a failed start: when it is started again, and why. */
export function afterCrash(held: Held, crash: { exit: Exit | null; reason: string; nowMs: number }): Stage {
  const { exit, reason, nowMs } = crash;
  const policy = held.order.spec.restart;
  const windowMs = parseDurationMs(policy.window);
  held.crashesMs = [...held.crashesMs.filter((at) => nowMs - at < windowMs), nowMs].slice(-CRASHES_MAX);
  held.taken = [];
  const crashes = crashCount(held, nowMs);
  const pauseMs = backoffMs(policy, crashes);
  const words = pauseMs === 0
    ? `${reason}; restarted at once`
    : `${reason}; crash ${crashes} in ${policy.window}, restart after ${pauseMs / 1_000} s`;
  held.lastEnd = { exit, reason: words };
  return { kind: "waiting", startMs: nowMs + pauseMs, exit, reason: words };
}

/** Crashes within the policy's window, with those that it carries on from while they are that young. */
export function crashCount(held: Held, nowMs: number): number {
  const windowMs = parseDurationMs(held.order.spec.restart.window);
  const here = held.crashesMs.filter((at) => nowMs - at < windowMs).length;
  const before = nowMs - held.sinceMs < windowMs ? held.order.assignment.crashes_before : 0;
  return here === 0 ? 0 : here + before;
}

/** Why an exclusive replica is stopped while nobody asks for that. */
export function isolationInWords({ on_isolation }: Order["spec"]): string {
  return `its controller was not heard for ${on_isolation?.stop_after}: stopped so that another may take its place`;
}

/** Why one starts anew that newer orders want after all. */
export const RECALLED = "was to be stopped, and is wanted after all";

/** How an exit reads in a sentence. */
export function exitInWords(exit: { code: number | null; signal: string | null }): string {
  if (exit.signal !== null) return `was ended by ${exit.signal}`;
  return exit.code === null ? "ended, its exit code is not known" : `exited with code ${exit.code}`;
}

/** What is told of it. */
export function observationOf(held: Held, nowMs: number): Observation {
  const { assignment } = held.order;
  const instance = instanceOf(held);
  const ready = held.stage.kind === "up" && instance?.pid !== undefined && isReady(held.stage.instance.readiness);
  const roles = ready && instance !== undefined ? goodPorts(instance.roles) : [];
  return {
    replica: assignment.id,
    service: assignment.service,
    slot: assignment.slot,
    instance: instance?.id ?? null,
    phase: phaseOf(held.stage),
    ready,
    pid: instance?.pid ?? null,
    port: instance?.port ?? null,
    ports: { ...instance?.ports },
    ...roles.length > 0 && { roles },
    started_at: instance?.startedAt ?? null,
    restarts: held.restarts,
    crashes: crashCount(held, nowMs),
    exit: held.stage.kind === "waiting" || held.stage.kind === "ended" ? held.stage.exit : held.lastEnd?.exit ?? null,
    final: held.stage.kind === "ended",
    reason: reasonOf(held),
    last_words: held.lastWords,
  };
}

function phaseOf(stage: Stage): Observation["phase"] {
  switch (stage.kind) {
    case "waiting":
      return stage.exit === null ? "pending" : "exited";
    case "up":
      return stage.instance.pid !== undefined && hasStarted(stage.instance.readiness) ? "running" : "starting";
    case "draining":
      return "draining";
    case "stopping":
      return "stopping";
    case "ended":
      return "exited";
    default:
      return stage satisfies never;
  }
}

function reasonOf(held: Held): string {
  const { stage, order } = held;
  switch (stage.kind) {
    case "waiting":
    case "ended":
      return stage.reason;
    case "up":
      // Without a health check it counts as ready as soon as it runs, and is still to be started here.
      if (stage.instance.pid === undefined && held.lastEnd !== undefined) return held.lastEnd.reason;
      if (isReady(stage.instance.readiness)) return "";
      if (!hasStarted(stage.instance.readiness) && held.lastEnd !== undefined) return held.lastEnd.reason;
      return `not ready: ${whyNotReady(stage.instance.readiness)}`;
    case "draining":
      return order.assignment.reason;
    case "stopping":
      return [whyStopping(stage, order), stage.trouble].filter((words) => words !== "").join("; ");
    default:
      return stage satisfies never;
  }
}

function whyStopping({ step, then }: Extract<Stage, { kind: "stopping" }>, { assignment, spec }: Order): string {
  if (typeof then === "object") return then.crashOf;
  if (then === "isolated") return isolationInWords(spec);
  if (then === "recalled") return RECALLED;
  return step === "kill" ? `did not end within ${spec.stop.timeout}, killed` : assignment.reason;
}
