/**
 * What to do about one replica that is not plainly well: stop it where it is surplus, forget it where it has ended or
 * its node is lost, give it a successor where its node is being emptied or its generation is old, move it where its
 * restarts are used up. Exactly one branch applies, the most final one first.
 * @module
 */
import type { NodeState } from "../cluster/node.ts";
import { isReady, nameOf, type ReplicaState } from "../cluster/replica.ts";
import { isBeingEmptied, isCrashedOut, type ServiceState } from "../cluster/state.ts";
import type { Draft } from "./draft.ts";
import { exitWords } from "./reason.ts";

/** A replica that was moved because it crashed is not moved for that again within this time. */
const MOVE_PAUSE_MS = 300_000;

export function planReplica(draft: Draft, service: ServiceState, replica: ReplicaState): void {
  const { record } = replica;
  const node = draft.state.nodes.get(record.node);
  if (node === undefined) return replace(draft, service, { replica, why: "its node was removed" });
  if (record.draining) return endDraining(draft, replica, node);
  if (service.record.removed) return stop(draft, replica, "the service is removed");
  if (record.slot >= service.record.desired) {
    return stop(draft, replica, `scaled to ${service.record.desired}`);
  }
  if (node.liveness === "lost") return leaveLost(draft, service, { replica, node });
  const predecessor = draft.state.replicas.get(record.successor_of ?? "");
  if (predecessor !== undefined) return takeOver(draft, service, { replica, predecessor, node });
  if (isBeingEmptied(node)) return empty(draft, service, { replica, node });
  if (record.generation !== service.record.generation) return renew(draft, service, replica);
  if (isCrashedOut(service, replica)) return moveCrashed(draft, service, { replica, node });
}

function stop(draft: Draft, replica: ReplicaState, reason: string): void {
  draft.actions.push({ kind: "stop", replica: replica.record.id, reason });
}

function endDraining(draft: Draft, replica: ReplicaState, node: NodeState): void {
  const { id } = replica.record;
  if (node.liveness === "lost") draft.actions.push({ kind: "forget", replica: id, reason: "its node is lost" });
  else if (replica.observed?.phase === "exited") {
    draft.actions.push({ kind: "forget", replica: id, reason: "it has stopped" });
  }
}

function leaveLost(draft: Draft, service: ServiceState, at: { replica: ReplicaState; node: NodeState }): void {
  const { replica, node } = at;
  const { active, turned, returningUntilMs } = draft.state.massLoss;
  if (node.cause !== "goodbye" && active) {
    wait(
      draft,
      replica,
      `node ${node.record.name} is lost, but so are most: moving waits until they return or are removed`,
    );
    return;
  }
  if (turned.has(node.record.id) && draft.nowMs < returningUntilMs) {
    draft.wakeAt(returningUntilMs);
    return wait(draft, replica, `node ${node.record.name} is lost, and may return as those do that went with it`);
  }
  replace(draft, service, { replica, why: `node ${node.record.name} is lost (${node.cause ?? "never heard"})` });
}

/** Ends an assignment whose process is out of reach and fills its slot elsewhere, in one step. */
function replace(draft: Draft, service: ServiceState, { replica, why }: { replica: ReplicaState; why: string }): void {
  const { record } = replica;
  const surplus = record.draining || service.record.removed || record.slot >= service.record.desired ||
    slotMates(draft, service, replica).length > 0;
  if (surplus) {
    draft.actions.push({ kind: "forget", replica: record.id, reason: why });
    return;
  }
  const placement = draft.placer().place(service.record, { avoid: record.node });
  if (placement.kind === "unplaceable") return wait(draft, replica, `${why}, and ${placement.reason}`);
  draft.actions.push({ kind: "forget", replica: record.id, reason: why });
  start(draft, service, { replica, node: placement.node, successor: false, reason: why });
}

interface Succession {
  replica: ReplicaState;
  predecessor: ReplicaState;
  node: NodeState;
}

function takeOver(draft: Draft, service: ServiceState, at: Succession): void {
  if (at.predecessor.record.draining) return;
  const { generation } = at.replica.record;
  if (isReady(at.replica, at.node)) {
    stop(draft, at.predecessor, `${nameOf(at.replica.record)} is ready on ${at.node.record.name} and takes over`);
  } else if (isBeingEmptied(at.node)) {
    stop(draft, at.replica, `node ${at.node.record.name} is being emptied before it could take over`);
  } else if (generation !== service.record.generation) {
    // Else a release that never gets ready would stand in the way of the one that mends it.
    stop(draft, at.replica, `generation ${service.record.generation} came before ${generation} could take over`);
  }
}

function empty(draft: Draft, service: ServiceState, at: { replica: ReplicaState; node: NodeState }): void {
  if (slotMates(draft, service, at.replica).length > 0) return;
  const why = `node ${at.node.record.name} is ${at.node.leaving ? "leaving" : "being drained"}`;
  const placement = draft.placer().place(service.record, { avoid: at.node.record.id });
  if (placement.kind === "placed") {
    start(draft, service, { replica: at.replica, node: placement.node, successor: true, reason: why });
  } else if (at.node.leaving) {
    stop(draft, at.replica, `${why}, and ${placement.reason}`);
  } else {
    wait(draft, at.replica, `${why}, and ${placement.reason}`);
  }
}

/** One replica after the other gets a successor of the new generation. */
function renew(draft: Draft, service: ServiceState, replica: ReplicaState): void {
  const oldest = [...service.attention]
    .flatMap((id) => draft.state.replicas.get(id) ?? [])
    .filter(({ record }) => !record.draining && record.generation !== service.record.generation)
    .reduce((a, b) => (b.record.slot < a.record.slot ? b : a));
  if (oldest !== replica || service.successors.size > 0) return;
  if (slotMates(draft, service, replica).length > 0) return;
  const why = `generation ${service.record.generation} replaces ${replica.record.generation}`;
  const placement = draft.placer().place(service.record, { inPlaceOf: replica.record.node });
  if (placement.kind === "unplaceable") return wait(draft, replica, `${why}, and ${placement.reason}`);
  start(draft, service, { replica, node: placement.node, successor: true, reason: why });
}

function moveCrashed(draft: Draft, service: ServiceState, at: { replica: ReplicaState; node: NodeState }): void {
  if (slotMates(draft, service, at.replica).length > 0) return;
  const { record, observed, sinceMs } = at.replica;
  const crashes = observed?.crashes ?? 0;
  if (record.crashes_before > 0 && draft.nowMs < sinceMs + MOVE_PAUSE_MS) {
    draft.wakeAt(sinceMs + MOVE_PAUSE_MS);
    return wait(
      draft,
      at.replica,
      `crashed ${crashes} times, and was moved for that already; last: ${exitWords(observed)}`,
    );
  }
  const placement = draft.placer().place(service.record, { avoid: at.node.record.id });
  const why = `crashed ${crashes} times on ${at.node.record.name}; last: ${exitWords(observed)}`;
  if (placement.kind === "unplaceable") return wait(draft, at.replica, `${why}; it stays, as ${placement.reason}`);
  stop(draft, at.replica, why);
  start(draft, service, { replica: at.replica, node: placement.node, successor: false, reason: why });
}

interface Start {
  replica: ReplicaState;
  node: NodeState;
  successor: boolean;
  reason: string;
}

function start(draft: Draft, service: ServiceState, { replica, node, successor, reason }: Start): void {
  const { record, observed } = replica;
  draft.actions.push({
    kind: "start",
    service: record.service,
    slot: record.slot,
    generation: service.record.generation,
    node: node.record.id,
    successorOf: successor ? record.id : null,
    crashesBefore: successor ? 0 : observed?.crashes ?? record.crashes_before,
    reason,
  });
}

/** The other replicas of the same slot that are meant to stay or to take over. */
function slotMates(draft: Draft, service: ServiceState, replica: ReplicaState): ReplicaState[] {
  return (service.slots.get(replica.record.slot) ?? [])
    .filter((id) => id !== replica.record.id)
    .flatMap((id) => draft.state.replicas.get(id) ?? [])
    .filter((mate) => !mate.record.draining);
}

function wait(draft: Draft, replica: ReplicaState, reason: string): void {
  draft.waits.push({ service: replica.record.service, slot: replica.record.slot, reason });
}
