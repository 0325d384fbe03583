/**
 * The steps of a replica's life on its node: start, probe, crash and restart, withdraw, stop, kill. Each function moves
 * one `Held` on and asks for what has to be done through its `Hands`; none waits or touches the host.
 * @module
 */
import type { Health } from "../../cluster/health.ts";
import { checkedPort } from "../../cluster/tcp_route.ts";
import type { Order } from "../../wire/protocol.ts";
import { choosePorts } from "./choose_ports.ts";
import type { Asked, SessionEffect, SessionInput } from "./effect.ts";
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
  RECALLED,
} from "./held.ts";
import { isolationRules } from "./isolation.ts";
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
import { afterRoleProbe, afterRoleQuestion, dueRoles, nextRoleMs, NO_ROLES, rolesFor } from "./roles.ts";
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
  const { readiness, roles } = stage.instance;
  const checkMs = nextCheckMs(readiness, held.order.spec);
  const roleMs = isReady(readiness) ? nextRoleMs(roles) : undefined;
  return checkMs === undefined || roleMs === undefined ? checkMs ?? roleMs : Math.min(checkMs, roleMs);
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
  const { check, ok, detail } = input;
  const { nowMs } = hands;
  if (typeof check === "number") {
    instance.roles = afterRoleProbe(instance.roles, { port: check, ok, detail, nowMs });
    return;
  }
  const before = instance.readiness;
  instance.readiness = afterProbe(before, held.order.spec, { check, ok, detail, nowMs });
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
  const [startedMs, startedAt] = [hands.nowMs, hands.wall];
  held.stage = {
    kind: "up",
    instance: { id, pid: undefined, port, ports, startedMs, startedAt, readiness, roles: NO_ROLES },
  };
  const record = {
    instance: id,
    replica: assignment.id,
    service: assignment.service,
    slot: assignment.slot,
    port,
    ports,
    startedAt,
    restarts: held.restarts,
    crashAgesMs: held.crashesMs.map((at) => hands.nowMs - at),
    restartSeq: held.restartSeq,
    isolation: isolationRules(held.order),
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
    ask(held, instance, { hands, check: name, health, portName: health.port });
  }
  const ready = isReady(instance.readiness);
  instance.roles = rolesFor(instance.roles, { routes: spec.tcp, ready, nowMs: hands.nowMs });
  if (!ready) return;
  for (const { route, health } of dueRoles(instance.roles, hands.nowMs)) {
    instance.roles = afterRoleQuestion(instance.roles, route.port);
    ask(held, instance, { hands, check: route.port, health, portName: checkedPort(spec, route) });
  }
}

interface Question {
  hands: Hands;
  check: Asked;
  health: Health;
  portName: string | undefined;
}

function ask(held: Held, instance: Instance, { hands, check, health, portName }: Question): void {
  const at = portAt(held, instance, portName) ?? { port: instance.port, exposed: false };
  hands.want({ kind: "probe", instance: instance.id, check, health, at });
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
  held.lastEnd = { exit, reason: whyAnew(then, held) };
  held.stage = { kind: "waiting", startMs: hands.nowMs, exit, reason: held.lastEnd.reason };
}

function whyAnew(then: "restart" | "recalled" | "isolated", { order: { spec } }: Held): string {
  if (then === "isolated") return isolationInWords(spec);
  return then === "recalled" ? RECALLED : "restarted because that was asked for";
}
