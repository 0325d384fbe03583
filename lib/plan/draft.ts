/**
 * The plan in the making: what deciding about one service or replica reads and where it puts its decisions.
 * @module
 */
import type { NodeState } from "../cluster/node.ts";
import { isHeldBack } from "../cluster/blue_green.ts";
import type { ReplicaState } from "../cluster/replica.ts";
import type { ClusterState, ServiceState } from "../cluster/state.ts";
import type { Action, Wait } from "./action.ts";
import type { Placer } from "./place.ts";

export interface Draft {
  state: ClusterState;
  nowMs: number;
  actions: Action[];
  waits: Wait[];
  /** Made when the first replica has to be placed. */
  placer: () => Placer;
  /** Replicas that end by what was decided so far. */
  ending: Set<string>;
  wakeAt: (atMs: number) => void;
}

/** Withdraws a replica, and lets it end. */
export function stop(draft: Draft, replica: ReplicaState, reason: string): void {
  draft.actions.push({ kind: "stop", replica: replica.record.id, reason });
  draft.ending.add(replica.record.id);
}

/** Ends the assignment of a replica that has stopped, or is out of reach. */
export function forget(draft: Draft, replica: ReplicaState, reason: string): void {
  draft.actions.push({ kind: "forget", replica: replica.record.id, reason });
  draft.ending.add(replica.record.id);
}

/** A replica from which another one takes its slot, and how. */
export interface Start {
  replica: ReplicaState;
  node: NodeState;
  successor: boolean;
  generation: number;
  /** What its back-off carries on from; unless said, a successor begins with none. */
  crashesBefore?: number;
  reason: string;
}

export function start(draft: Draft, given: Start): void {
  const { replica: { record, observed }, node, generation, successor, reason } = given;
  const crashes = successor ? 0 : observed?.crashes ?? record.crashes_before;
  draft.actions.push({
    kind: "start",
    service: record.service,
    slot: record.slot,
    generation,
    node: node.record.id,
    successorOf: successor ? record.id : null,
    crashesBefore: given.crashesBefore ?? crashes,
    reason,
  });
}

/** The other replicas of the same slot that are meant to stay or to take over. */
export function slotMates({ state }: Draft, service: ServiceState, { record }: ReplicaState): ReplicaState[] {
  return (service.slots.get(record.slot) ?? [])
    .filter((id) => id !== record.id)
    .flatMap((id) => state.replicas.get(id) ?? [])
    .filter((mate) => !mate.record.draining);
}

/** Those of them that fill the slot without it: what is held back stands in for nobody. */
export function standIns(draft: Draft, service: ServiceState, replica: ReplicaState): ReplicaState[] {
  return slotMates(draft, service, replica).filter((mate) => !isHeldBack(draft.state, service, mate.record));
}

/** Ends what is tried beside a replica that goes for one of its like: it is tried anew beside that one. */
export function stopHeldBack(draft: Draft, service: ServiceState, replica: ReplicaState): void {
  for (const mate of slotMates(draft, service, replica)) {
    if (!isHeldBack(draft.state, service, mate.record) || draft.ending.has(mate.record.id)) continue;
    stop(draft, mate, "what it is tried beside is replaced: it is tried anew");
  }
}

/** Says why nothing is done although something should be. */
export function wait(draft: Draft, { record }: ReplicaState, reason: string): void {
  draft.waits.push({ service: record.service, slot: record.slot, reason, kind: "blocked" });
}

/** Says what a step of something under way waits for. */
export function waitItsTurn(draft: Draft, { record }: ReplicaState, reason: string): void {
  draft.waits.push({ service: record.service, slot: record.slot, reason, kind: "step" });
}
