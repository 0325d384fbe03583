/**
 * The steps of a replica's life on its node: start, probe, crash and restart, withdraw, stop, kill. Each function moves
 * one `Held` on and asks for what has to be done through its `Hands`; none waits or touches the host.
 * @module
 */
import type { Order } from "../wire/protocol.ts";
import { choosePorts } from "./choose_ports.ts";
import type { SessionEffect, SessionInput } from "./effect.ts";
import {
  afterCrash,
  exitInWords,
  type Held,
  type Instance,
  instanceOf,
  isolationInWords,
  type Next,
  PORT_TRIES_MAX,
  portAt,
} from "./held.ts";
import type { PortBook } from "./port_book.ts";
import {
  afterChange,
  afterProbe,
  afterQuestion,
  dueChecks,
  faultOf,
  hasStarted,
  initialReadiness,
  isReady,
  nextCheckMs,
} from "./readiness.ts";
import { killIfLate, stopAtOnce, stopDueMs, stopIfDrained, stopInOrder, withdraw } from "./withdrawal.ts";

/** For how long a replica that floods its log may take to end, whatever its spec says: it goes on meanwhile. */
const FLOOD_STOP_MAX_MS = 2_000;

/** What a step may use: the time, what is allowed at present, and the way to ask for effects. */
export interface Hands {
  nowMs: number;
  wall: string;
  node: string;
  mayStart: (held: Held) => boolean;
  mayStop: boolean;
  ports: PortBook;
  newInstance: (replica: string) => string;
  dropInstance: (instance: string) => void;
  want: (effect: SessionEffect) => void;
}

/** Takes every step that is due now. */
export function advance(held: Held, hands: Hands): void {
  const { stage } = held;
  if (stage.kind === "waiting" && stage.startMs <= hands.nowMs && hands.mayStart(held)) start(held, hands);
  else if (stage.kind === "up") lookAfter(held, stage.instance, hands);
  else if (stage.kind === "draining") stopIfDrained(held, hands);
  else killIfLate(held, hands);
}

/** When the next step is due, if time alone brings it. */
export function dueMs(held: Held, hands: Pick<Hands, "mayStart">): number | undefined {
  const { stage } = held;
  if (stage.kind === "waiting") return hands.mayStart(held) ? stage.startMs : undefined;
  if (stage.kind === "stopping") return stage.step === "kill" ? undefined : stage.killMs;
  if (stage.kind === "ended" || stage.instance.pid === undefined) return undefined;
  if (stage.kind === "draining") return stopDueMs(stage, held.tunnels);
  return nextCheckMs(stage.instance.readiness, held.order.spec);
}

export function spawned(held: Held, input: Extract<SessionInput, { kind: "spawned" }>, hands: Hands): void {
  const instance = instanceOf(held);
  if (instance?.id !== input.instance) return;
  instance.pid = input.pid;
  held.taken = [];
  instance.readiness = initialReadiness(held.order.spec, hands.nowMs);
}

export function spawnFailed(held: Held, input: Extract<SessionInput, { kind: "spawn_failed" }>, hands: Hands): void {
  const instance = instanceOf(held);
  if (instance?.id !== input.instance) return;
  hands.dropInstance(input.instance);
  releasePorts(instance, hands);
  if (held.stage.kind !== "up") {
    finish(held, { code: null, signal: null }, { then: thenOf(held), hands });
    return;
  }
  const { takenPort } = input;
  if (takenPort !== undefined && held.taken.length + 1 < PORT_TRIES_MAX) {
    held.taken = [...held.taken, takenPort];
    held.stage = { kind: "waiting", startMs: hands.nowMs, exit: null, reason: input.reason };
    return;
  }
  const reason = takenPort === undefined
    ? input.reason
    : `no free port: ${[...held.taken, takenPort].join(", ")} are in use`;
  held.stage = afterCrash(held, { exit: null, reason, nowMs: hands.nowMs });
}

export function ended(held: Held, input: Extract<SessionInput, { kind: "exited" }>, hands: Hands): void {
  const instance = instanceOf(held);
  if (instance?.id !== input.instance) return;
  hands.dropInstance(input.instance);
  releasePorts(instance, hands);
  // Whatever it started and left behind goes with it.
  hands.want({ kind: "signal", instance: input.instance, signal: "SIGKILL", scope: "tree" });
  held.lastWords = input.lastWords ?? [];
  if (held.stage.kind === "up") {
    const exit = { code: input.code, signal: input.signal, at: hands.wall };
    held.stage = afterCrash(held, { exit, reason: exitInWords(input), nowMs: hands.nowMs });
    held.restarts += 1;
    return;
  }
  finish(held, input, { then: thenOf(held), hands });
}

export function probed(held: Held, input: Extract<SessionInput, { kind: "probed" }>, hands: Hands): void {
  if (held.stage.kind !== "up" || held.stage.instance.id !== input.instance) return;
  const { instance } = held.stage;
  const before = instance.readiness;
  instance.readiness = afterProbe(before, held.order.spec, { ...input, nowMs: hands.nowMs });
  if (isReady(instance.readiness)) held.lastWords = [];
  // Its time to get ready is over, and somebody will want to know why it didn't.
  else if (!hasStarted(before) && hasStarted(instance.readiness)) {
    hands.want({ kind: "read_last_words", instance: instance.id });
  }
}

export function lastWordsRead(held: Held, { instance, lines }: Extract<SessionInput, { kind: "last_words" }>): void {
  if (instanceOf(held)?.id === instance) held.lastWords = lines;
}

/** Goes by a newer order; the checks that it changes take effect on the running process. */
export function follow(held: Held, order: Order, hands: Hands): void {
  const { stage, order: { spec: before } } = held;
  held.order = order;
  held.ordered = true;
  if (stage.kind !== "up") return;
  const change = { before, after: order.spec, nowMs: hands.nowMs };
  stage.instance.readiness = afterChange(stage.instance.readiness, change);
}

/** Stops what writes too much. That is a crash, so that the back-off bounds how often it floods anew. */
export function flooded(held: Held, input: Extract<SessionInput, { kind: "flooded" }>, hands: Hands): void {
  const { stage } = held;
  if (stage.kind !== "up" && stage.kind !== "draining") return;
  if (stage.instance.id !== input.instance) return;
  const then = stage.kind === "up" ? { crashOf: `was stopped: ${input.reason}` } : stage.then;
  stopAtOnce(held, { instance: stage.instance, then, timeoutMaxMs: FLOOD_STOP_MAX_MS }, hands);
}

/** Starts it anew because the operator asked for it; that is no crash. */
export function restart(held: Held, restartSeq: number, hands: Hands): void {
  held.restartSeq = restartSeq;
  if (held.stage.kind === "waiting") held.stage = { ...held.stage, startMs: hands.nowMs };
  else withdraw(held, "restart", hands);
}

function start(held: Held, hands: Hands): void {
  const { assignment } = held.order;
  const id = hands.newInstance(assignment.id);
  const chosen = choosePorts(held.order, { book: hands.ports, nowMs: hands.nowMs, except: held.taken });
  if (chosen.kind === "refused") {
    hands.dropInstance(id);
    held.stage = afterCrash(held, { exit: null, reason: chosen.reason, nowMs: hands.nowMs });
    return;
  }
  const { port, ports } = chosen;
  const readiness = initialReadiness(held.order.spec, hands.nowMs);
  const instance = { id, pid: undefined, port, ports, startedMs: hands.nowMs, startedAt: hands.wall, readiness };
  held.stage = { kind: "up", instance };
  const record = {
    instance: id,
    replica: assignment.id,
    service: assignment.service,
    slot: assignment.slot,
    port,
    ports,
    startedAt: hands.wall,
    restarts: held.restarts,
    crashAgesMs: held.crashesMs.map((at) => hands.nowMs - at),
    restartSeq: held.restartSeq,
  };
  hands.want({ kind: "spawn", record, order: held.order, node: hands.node });
}

function releasePorts({ port, ports }: Instance, hands: Hands): void {
  for (const used of [port, ...Object.values(ports)]) hands.ports.release(used, hands.nowMs);
}

/** Asks what is due to be asked, and ends what has not started in time or is not alive: that is a crash. */
function lookAfter(held: Held, instance: Instance, hands: Hands): void {
  if (instance.pid === undefined) return;
  const { spec } = held.order;
  const fault = faultOf(instance.readiness, spec, hands.nowMs);
  if (fault !== undefined) return stopInOrder(held, { instance, then: { crashOf: fault } }, hands);
  for (const { name, health } of dueChecks(instance.readiness, spec, hands.nowMs)) {
    instance.readiness = afterQuestion(instance.readiness, name);
    const at = portAt(held, instance, health.port) ?? { port: instance.port, exposed: false };
    hands.want({ kind: "probe", instance: instance.id, check: name, health, at });
  }
}

function thenOf(held: Held): Next {
  return held.stage.kind === "draining" || held.stage.kind === "stopping" ? held.stage.then : "stop";
}

function finish(
  held: Held,
  how: { code: number | null; signal: string | null },
  { then, hands }: { then: Next; hands: Hands },
): void {
  const exit = { code: how.code, signal: how.signal, at: hands.wall };
  if (then === "stop") {
    held.stage = { kind: "ended", exit, reason: exitInWords(how) };
    return;
  }
  held.restarts += 1;
  if (typeof then === "object") {
    held.stage = afterCrash(held, { exit, reason: then.crashOf, nowMs: hands.nowMs });
    return;
  }
  const asked = "restarted because that was asked for";
  held.lastEnd = { exit, reason: then === "isolated" ? isolationInWords(held.order.spec) : asked };
  held.stage = { kind: "waiting", startMs: hands.nowMs, exit, reason: held.lastEnd.reason };
}
