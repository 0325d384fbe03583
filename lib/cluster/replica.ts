/**
 * One wanted process of a service. An `AssignmentRecord` says "this replica on this node" and is in the store before
 * any process starts; an `Observation` is what the node's agent saw of it. `phaseOf` puts both together.
 * @module
 */
import * as z from "zod";
import type { Capacity, NodeState } from "./node.ts";

/** What the store keeps of a replica. */
export const AssignmentRecord = z.object({
  type: z.literal("assignment"),
  id: z.uuid(),
  service: z.string(),
  slot: z.int().min(0),
  generation: z.int().min(1),
  node: z.uuid(),
  /** The store's revision at which it was assigned: grows strictly per slot. */
  fence: z.int().min(0),
  /** Grows with every restart that the operator asks for. */
  restart_seq: z.int().min(0),
  /** It is to be withdrawn and stopped. */
  draining: z.boolean(),
  /** The replica of the same slot that this one takes over from once it is ready. */
  successor_of: z.uuid().nullable(),
  /** Crashes of its predecessors that its back-off carries on from. */
  crashes_before: z.int().min(0),
  reason: z.string(),
});
export type AssignmentRecord = z.infer<typeof AssignmentRecord>;

/** Where a slot was begun last, of a service that keeps its data there, or whose slots like to go back. */
export const SlotRecord = z.object({
  type: z.literal("slot"),
  service: z.string(),
  slot: z.int().min(0),
  node: z.uuid(),
});
export type SlotRecord = z.infer<typeof SlotRecord>;

/** How a process ended, as far as the system still knew. */
export const Exit = z.object({
  code: z.int().nullable(),
  signal: z.string().nullable(),
  at: z.string(),
});
export type Exit = z.infer<typeof Exit>;

/** The phases that an agent reports. */
export const ObservedPhase = z.enum(["pending", "starting", "running", "draining", "stopping", "exited"]);
export type ObservedPhase = z.infer<typeof ObservedPhase>;

/** What an agent saw of a replica. */
export const Observation = z.object({
  replica: z.uuid(),
  service: z.string(),
  slot: z.int(),
  instance: z.string().nullable(),
  phase: ObservedPhase,
  ready: z.boolean(),
  pid: z.int().nullable(),
  port: z.int().nullable(),
  /** Its further ports, by name; an agent of before there were any says nothing of them. */
  ports: z.record(z.string(), z.int()).default({}),
  /** The ingress's TCP ports for which the check is good; left out where there are none, or nobody asks. */
  roles: z.array(z.int()).optional(),
  started_at: z.string().nullable(),
  restarts: z.int(),
  /** Crashes within the restart policy's window. */
  crashes: z.int(),
  exit: Exit.nullable(),
  /** It has ended, and this agent starts it no more; one of before there were exclusive services doesn't say. */
  final: z.boolean().optional(),
  reason: z.string(),
  /** The last lines that its last process wrote before it ended or was found not to get ready. */
  last_words: z.array(z.string()).default([]),
});
export type Observation = z.infer<typeof Observation>;

/** A replica as the core sees it. */
export interface ReplicaState {
  record: AssignmentRecord;
  observed: Observation | undefined;
  /** When this controller learnt of the assignment, in monotonic milliseconds. */
  sinceMs: number;
  /** When its node was last heard, once that was removed; before then this is when the assignment was learnt of. */
  strandedMs: number;
  /** Since when it has been ready without a break, in monotonic milliseconds; undefined while it isn't. */
  readySinceMs: number | undefined;
  /** It was ready at least once, as far as this controller knows. */
  wasReady: boolean;
  /** What it reserves, by the spec of its generation. */
  resources: Capacity;
}

export type Phase = ObservedPhase | "lost";

/** Where a replica stands in its life. */
export function phaseOf(replica: ReplicaState, node: NodeState | undefined): Phase {
  if (node === undefined || node.liveness === "lost") return "lost";
  const phase = replica.observed?.phase ?? "pending";
  const active = phase === "pending" || phase === "starting" || phase === "running";
  return replica.record.draining && active ? "draining" : phase;
}

/** Whether requests may be sent to it. */
export function isReady(replica: ReplicaState, node: NodeState | undefined): boolean {
  return replica.observed?.ready === true && phaseOf(replica, node) === "running";
}

/** The short name that people read: service and slot. */
export function nameOf(record: { service: string; slot: number }): string {
  return `${record.service}.${record.slot}`;
}
