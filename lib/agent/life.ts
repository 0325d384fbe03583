/**
 * The steps of a replica's life on its node: start, probe, crash and restart, withdraw, stop, kill. Each function moves
 * one `Held` on and asks for what has to be done through its `Hands`; none waits or touches the host.
 * @module
 */
import { parseDurationMs } from "../runtime/duration.ts";
import { choosePorts } from "./choose_ports.ts";
import type { SessionEffect, SessionInput } from "./effect.ts";
import { afterCrash, exitInWords, type Held, type Instance, instanceOf, type Next, PORT_TRIES_MAX } from "./held.ts";
import type { PortBook } from "./port_book.ts";
import { afterProbe, initialReadiness } from "./readiness.ts";

/** For how long connections through the agent may go on once a replica is withdrawn. */
const DRAIN_MAX_MS = 10_000;
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
  else if (stage.kind === "up") probeIfDue(held, hands);
  else if (stage.kind === "draining") stopIfDrained(held, hands);
  else if (stage.kind === "stopping" && !stage.killed && stage.killMs <= hands.nowMs) {
    held.stage = { ...stage, killed: true };
    hands.want({ kind: "signal", instance: stage.instance.id, signal: "SIGKILL", scope: "tree" });
  }
}

/** When the next step is due, if time alone brings it. */
export function dueMs(held: Held, hands: Pick<Hands, "mayStart">): number | undefined {
  const { stage } = held;
  if (stage.kind === "waiting") return hands.mayStart(held) ? stage.startMs : undefined;
  if (stage.kind === "draining") return stage.instance.pid === undefined ? undefined : stage.deadlineMs;
  if (stage.kind === "stopping") return stage.killed ? undefined : stage.killMs;
  if (stage.kind === "ended" || held.order.spec.health === undefined) return undefined;
  const { pid, readiness } = stage.instance;
  return pid === undefined || readiness.inFlight ? undefined : readiness.nextProbeMs;
}

export function spawned(held: Held, input: Extract<SessionInput, { kind: "spawned" }>, hands: Hands): void {
  const instance = instanceOf(held);
  if (instance?.id !== input.instance) return;
  instance.pid = input.pid;
  held.taken = [];
  instance.readiness = initialReadiness(held.order.spec.health, hands.nowMs);
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
  if (held.stage.kind === "up") {
    const exit = { code: input.code, signal: input.signal, at: hands.wall };
    held.stage = afterCrash(held, { exit, reason: exitInWords(input), nowMs: hands.nowMs });
    held.restarts += 1;
    return;
  }
  finish(held, input, { then: thenOf(held), hands });
}

export function probed(held: Held, input: Extract<SessionInput, { kind: "probed" }>, hands: Hands): void {
  const health = held.order.spec.health;
  if (held.stage.kind !== "up" || held.stage.instance.id !== input.instance || health === undefined) return;
  const { instance } = held.stage;
  const result = { ok: input.ok, detail: input.detail, sinceMs: instance.startedMs, nowMs: hands.nowMs };
  instance.readiness = afterProbe(instance.readiness, health, result);
}

/** Stops what writes too much. That is a crash, so that the back-off bounds how often it floods anew. */
export function flooded(held: Held, input: Extract<SessionInput, { kind: "flooded" }>, hands: Hands): void {
  const { stage } = held;
  if (stage.kind !== "up" && stage.kind !== "draining") return;
  if (stage.instance.id !== input.instance) return;
  const then = stage.kind === "up" ? { crashOf: `was stopped: ${input.reason}` } : stage.then;
  stop(held, { instance: stage.instance, then, timeoutMaxMs: FLOOD_STOP_MAX_MS }, hands);
}

/** Takes it out of use; it is stopped once its connections have ended, and then started anew if that is wanted. */
export function withdraw(held: Held, then: "stop" | "restart", hands: Hands): void {
  if (!hands.mayStop) return;
  const { stage } = held;
  if (stage.kind === "waiting" && then === "stop") {
    held.stage = { kind: "ended", exit: stage.exit, reason: stage.exit === null ? "was never started" : stage.reason };
  } else if (stage.kind === "up") {
    held.stage = { kind: "draining", instance: stage.instance, deadlineMs: hands.nowMs + DRAIN_MAX_MS, then };
  } else if (stage.kind === "draining" || stage.kind === "stopping") {
    held.stage = { ...stage, then };
  }
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
  const readiness = initialReadiness(held.order.spec.health, hands.nowMs);
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

function probeIfDue(held: Held, hands: Hands): void {
  const health = held.order.spec.health;
  if (held.stage.kind !== "up" || health === undefined) return;
  const { instance } = held.stage;
  const { readiness } = instance;
  if (instance.pid === undefined || readiness.inFlight || readiness.nextProbeMs > hands.nowMs) return;
  instance.readiness = { ...readiness, inFlight: true };
  hands.want({ kind: "probe", instance: instance.id, port: instance.port, health });
}

function stopIfDrained(held: Held, hands: Hands): void {
  const { stage } = held;
  if (stage.kind !== "draining" || stage.instance.pid === undefined) return;
  if (held.tunnels > 0 && hands.nowMs < stage.deadlineMs) return;
  stop(held, { instance: stage.instance, then: stage.then, timeoutMaxMs: Infinity }, hands);
}

function stop(held: Held, how: { instance: Instance; then: Next; timeoutMaxMs: number }, hands: Hands): void {
  const { instance, then, timeoutMaxMs } = how;
  const { signal, timeout } = held.order.spec.stop;
  const killMs = hands.nowMs + Math.min(parseDurationMs(timeout), timeoutMaxMs);
  held.stage = { kind: "stopping", instance, killMs, killed: false, then };
  hands.want({ kind: "signal", instance: instance.id, signal, scope: "leader" });
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
  held.lastEnd = { exit, reason: "restarted because that was asked for" };
  held.stage = { kind: "waiting", startMs: hands.nowMs, exit, reason: held.lastEnd.reason };
}
