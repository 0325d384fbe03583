/**
 * The plan in the making: what deciding about one service or replica reads and where it puts its decisions.
 * @module
 */
import type { NodeState } from "../cluster/node.ts";
import type { ReplicaState } from "../cluster/replica.ts";
import type { ClusterState, ServiceState } from "../cluster/state.ts";
import type { Action, Wait } from "./action.ts";
import type { Placer } from "./place.ts";
import { generationFor } from "./progress.ts";

export interface Draft {
  state: ClusterState;
  nowMs: number;
  actions: Action[];
  waits: Wait[];
  /** Made when the first replica has to be placed. */
  placer: () => Placer;
  /** Replicas that end in this plan for something more important. */
  leaving: Set<string>;
  wakeAt: (atMs: number) => void;
}

/** Withdraws a replica, and lets it end. */
export function stop(draft: Draft, replica: ReplicaState, reason: string): void {
  draft.actions.push({ kind: "stop", replica: replica.record.id, reason });
}

/** A replica from which another one takes its slot, and how. */
export interface Start {
  replica: ReplicaState;
  node: NodeState;
  successor: boolean;
  /** Unless said, whatever fills a slot at present. */
  generation?: number;
  reason: string;
}

export function start(draft: Draft, service: ServiceState, given: Start): void {
  const { replica, node, successor, reason } = given;
  const { record, observed } = replica;
  draft.actions.push({
    kind: "start",
    service: record.service,
    slot: record.slot,
    generation: given.generation ?? generationFor(draft, service, replica),
    node: node.record.id,
    successorOf: successor ? record.id : null,
    crashesBefore: successor ? 0 : observed?.crashes ?? record.crashes_before,
    reason,
  });
}

/** The other replicas of the same slot that are meant to stay or to take over. */
export function slotMates(draft: Draft, service: ServiceState, replica: ReplicaState): ReplicaState[] {
  return (service.slots.get(replica.record.slot) ?? [])
    .filter((id) => id !== replica.record.id)
    .flatMap((id) => draft.state.replicas.get(id) ?? [])
    .filter((mate) => !mate.record.draining);
}

/** Says why nothing is done although something should be. */
export function wait(draft: Draft, { record }: ReplicaState, reason: string): void {
  draft.waits.push({ service: record.service, slot: record.slot, reason, kind: "blocked" });
}

/** Says what a step of something under way waits for. */
export function waitItsTurn(draft: Draft, { record }: ReplicaState, reason: string): void {
  draft.waits.push({ service: record.service, slot: record.slot, reason, kind: "step" });
}
