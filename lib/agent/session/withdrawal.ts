/**
 * How a replica is taken out of use and its process ended: it is withdrawn, its connections through the agent may end,
 * its stop command runs, then the signal, and at the timeout all of it is killed. Each function moves one `Held` on, as
 * those of `life` do, which calls them.
 * @module
 */
import { parseDurationMs } from "../../runtime/duration.ts";
import type { SessionInput } from "./effect.ts";
import { type Held, type Instance, type Next, RECALLED, type Stage } from "./held.ts";
import type { Hands } from "./life.ts";
import { readinessTakenOver } from "./readiness.ts";

/**
 * A withdrawn replica without connections is stopped no earlier than this: other agents are told of it only then, as the
 * controller gathers such news for 100 ms, and a connection of theirs that was just let in is counted a moment later.
 */
export const LINGER_MS = 150;

/** Takes it out of use; it is stopped once its connections have ended, and then started anew if that is wanted. */
export function withdraw(held: Held, then: "stop" | "restart", hands: Hands): void {
  if (!hands.mayStop) return;
  const { stage } = held;
  if (stage.kind === "waiting" && then === "stop") {
    held.stage = { kind: "ended", exit: stage.exit, reason: stage.exit === null ? "was never started" : stage.reason };
  } else if (stage.kind === "up") {
    const drainMs = parseDurationMs(held.order.spec.stop.drain);
    held.stage = {
      kind: "draining",
      instance: stage.instance,
      earliestMs: hands.nowMs + Math.min(drainMs, LINGER_MS),
      deadlineMs: hands.nowMs + drainMs,
      then,
    };
  } else if (stage.kind === "draining" || stage.kind === "stopping") {
    held.stage = { ...stage, then };
  }
}

/**
 * It is to run after all, as by orders that are newer than those which left it out. What was not asked to end goes on;
 * what was ends in order, as nobody knows how far it is with that, and is started anew.
 */
export function recall(held: Held, hands: Hands): void {
  const { stage, order } = held;
  if (stage.kind === "draining" && stage.then === "stop") {
    const { instance } = stage;
    const upMs = hands.nowMs - instance.startedMs;
    const readiness = readinessTakenOver(order.spec, { upMs, nowMs: hands.nowMs });
    held.stage = { kind: "up", instance: { ...instance, readiness } };
  } else if (stage.kind === "stopping" && stage.then === "stop") {
    held.stage = { ...stage, then: "recalled" };
  } else if (stage.kind === "ended") {
    held.stage = { kind: "waiting", startMs: hands.nowMs, exit: stage.exit, reason: RECALLED };
  }
}

/** Stops an exclusive replica that its controller can't hear: its slot may be filled elsewhere soon. */
export function isolate(held: Held, hands: Hands): void {
  const { stage } = held;
  if (stage.kind !== "up" && stage.kind !== "draining") return;
  const isOver = stage.kind === "draining" && stage.then === "stop";
  stopInOrder(held, { instance: stage.instance, then: isOver ? "stop" : "isolated" }, hands);
}

/** When a withdrawn replica is to be stopped, as things are. */
export function stopDueMs({ earliestMs, deadlineMs }: Extract<Stage, { kind: "draining" }>, tunnels: number): number {
  return tunnels > 0 ? deadlineMs : earliestMs;
}

/** Stops it if its connections have ended, or have had their time. */
export function stopIfDrained(held: Held, hands: Hands): void {
  const { stage } = held;
  if (stage.kind !== "draining" || stage.instance.pid === undefined) return;
  if (hands.nowMs >= stopDueMs(stage, held.tunnels)) stopInOrder(held, stage, hands);
}

/** Stops it as its spec says: the command first if there is one, then the signal. */
export function stopInOrder(held: Held, { instance, then }: { instance: Instance; then: Next }, hands: Hands): void {
  const { timeout, command } = held.order.spec.stop;
  const timeoutMs = parseDurationMs(timeout);
  if (command === undefined) return stopAtOnce(held, { instance, then, timeoutMaxMs: Infinity }, hands);
  const killMs = hands.nowMs + timeoutMs;
  held.stage = { kind: "stopping", instance, step: "command", killMs, then, trouble: "" };
  hands.want({ kind: "stop_command", instance: instance.id, command, timeoutMs });
}

/** Stops it by the signal alone. */
export function stopAtOnce(
  held: Held,
  { instance, then, timeoutMaxMs }: { instance: Instance; then: Next; timeoutMaxMs: number },
  hands: Hands,
): void {
  const { signal, timeout } = held.order.spec.stop;
  const killMs = hands.nowMs + Math.min(parseDurationMs(timeout), timeoutMaxMs);
  held.stage = { kind: "stopping", instance, step: "signal", killMs, then, trouble: "" };
  hands.want({ kind: "signal", instance: instance.id, signal, scope: "leader" });
}

/** Its stop command has ended, well or not: the signal is next, unless its time is over. */
export function stopCommandEnded(
  held: Held,
  { instance, ok, detail }: Extract<SessionInput, { kind: "stop_command_ended" }>,
  hands: Hands,
): void {
  const { stage } = held;
  if (stage.kind !== "stopping" || stage.step !== "command" || stage.instance.id !== instance) return;
  held.stage = { ...stage, step: "signal", trouble: ok ? "" : `its stop command failed: ${detail}` };
  hands.want({ kind: "signal", instance, signal: held.order.spec.stop.signal, scope: "leader" });
}

/** Kills what did not end in time. */
export function killIfLate(held: Held, hands: Hands): void {
  const { stage } = held;
  if (stage.kind !== "stopping" || stage.step === "kill" || stage.killMs > hands.nowMs) return;
  held.stage = { ...stage, step: "kill" };
  hands.want({ kind: "signal", instance: stage.instance.id, signal: "SIGKILL", scope: "tree" });
}
