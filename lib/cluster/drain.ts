/**
 * Emptying a node at an operator's wish: until when its replicas may stay, how far it has come, and what is told of it.
 * The record says what was wished; the progress is this controller's own, counted from when it learnt of the drain.
 * @module
 */
import { parseDurationMs } from "../runtime/duration.ts";
import type { Happening } from "./event.ts";
import type { NodeRecord, NodeState } from "./node.ts";
import type { ClusterState } from "./state.ts";

/** How far the emptying of a node has come. */
export interface DrainProgress {
  /** When this controller learnt of it, in monotonic milliseconds: its deadline counts from here. */
  sinceMs: number;
  /** Replicas that have left the node since then. */
  moved: number;
  /** It was said that nothing is left. */
  isTold: boolean;
}

/** When a drain's deadline is, in monotonic milliseconds; undefined where it may take as long as it takes. */
export function drainDeadlineMs({ record, drain }: NodeState): number | undefined {
  const deadline = record.drain?.deadline ?? null;
  return drain === undefined || deadline === null ? undefined : drain.sinceMs + parseDurationMs(deadline);
}

/** Whether what is still on a drained node is to be stopped. */
export function isDrainOverdue({ record }: NodeState): boolean {
  return record.draining && record.drain?.overdue === true;
}

/** Whether time will have something to say about the drain of a node. */
export function hasDrainDeadline({ draining, drain }: NodeRecord): boolean {
  return draining && drain !== null && drain.deadline !== null && !drain.overdue;
}

/** The count for a node as it becomes known. */
export function drainOf({ draining }: NodeRecord, atMs: number): DrainProgress | undefined {
  return draining ? { sinceMs: atMs, moved: 0, isTold: false } : undefined;
}

/** Begins, changes or ends the count when a node's record is about to become `next`. */
export function followDrain(node: NodeState, next: NodeRecord, atMs: number): void {
  if (!next.draining || node.drain === undefined) node.drain = drainOf(next, atMs);
  else if (next.drain?.deadline !== node.record.drain?.deadline) node.drain.sinceMs = atMs;
}

/** Counts a replica that has left its node. */
export function noteLeft(state: ClusterState, id: string): void {
  const drain = state.nodes.get(id)?.drain;
  if (drain !== undefined) drain.moved += 1;
}

/** Says of the drained nodes among these that they are empty, once. */
export function toldEmpty(state: ClusterState, ids: Iterable<string>): Happening[] {
  return [...new Set(ids)].flatMap((id): Happening[] => {
    const node = state.nodes.get(id);
    if (node?.drain === undefined || node.drain.isTold || node.replicas.size > 0) return [];
    node.drain.isTold = true;
    const text = `node ${node.record.name} is drained: ${node.drain.moved} replicas have left it, none is there now`;
    return [{ kind: "node_drained", severity: "info", text, node: id }];
  });
}

/** What a new record of a node means to people. */
export function describeNode({ record: before, replicas }: NodeState, after: NodeRecord): Happening[] {
  const about = (kind: string, text: string): Happening[] => [{
    kind,
    severity: kind === "node_drain_deadline" ? "warn" : "info",
    text: `node ${after.name} ${text}`,
    node: after.id,
  }];
  const { drain } = after;
  if (before.draining && !after.draining) return about("node_activated", "is active again and takes replicas");
  if (after.draining && (!before.draining || before.drain?.deadline !== drain?.deadline)) {
    const within = drain?.deadline ?? null;
    const limit = within === null ? "for as long as that takes" : `and what is left after ${within} is stopped`;
    return about("node_draining", `is being drained: its replicas are moved, ${limit}`);
  }
  if (drain?.overdue === true && before.drain?.overdue === false) {
    const left = replicas.size === 0 ? "nothing is left there" : `${replicas.size} replicas left there are stopped`;
    return about("node_drain_deadline", `was to be drained within ${drain.deadline}, which is over: ${left}`);
  }
  const labels = wordsOf(after.given_labels);
  return labels === wordsOf(before.given_labels)
    ? []
    : about("node_labelled", `has the operator's labels ${labels || "no more"}`);
}

function wordsOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`).sort().join(", ");
}
