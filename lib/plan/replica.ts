/**
 * What to do about one replica that is not plainly well: stop it where it is surplus, forget it where it has ended or
 * its node is lost, give it a successor where its node is being emptied or its generation is old, move it where its
 * restarts are used up; one that keeps data stays where that is. Exactly one branch applies, the most final one first.
 * @module
 */
import { isDrainOverdue } from "../cluster/drain.ts";
import { isExclusive } from "../cluster/isolation.ts";
import type { NodeState } from "../cluster/node.ts";
import type { ReplicaState } from "../cluster/replica.ts";
import { isPresent } from "../cluster/service_record.ts";
import { homeOf, isBeingEmptied, isCrashedOut, type ServiceState } from "../cluster/state.ts";
import { type Draft, slotMates, start, stop, wait } from "./draft.ts";
import { awaitHome, stayThoughCrashed, stayUntilHomeLeaves } from "./home.ts";
import { hasEnded, mayLive } from "./isolation.ts";
import { exitWords } from "./reason.ts";
import { makeRoom } from "./preempt.ts";
import { takeOver } from "./succession.ts";

/** A replica that was moved because it crashed is not moved for that again within this time. */
const MOVE_PAUSE_MS = 300_000;

/** What is left of a replica's own decision: nothing, or that it is of a former generation and its turn may come. */
type Left = "outdated" | undefined | void;

export function planReplica(draft: Draft, service: ServiceState, replica: ReplicaState): Left {
  const { record } = replica;
  const node = draft.state.nodes.get(record.node);
  if (node === undefined) return replace(draft, service, { replica, why: "its node was removed" });
  if (record.draining) return endDraining(draft, service, { replica, node });
  if (service.record.removed) return stop(draft, replica, "the service is removed");
  if (record.slot >= service.record.desired) {
    return stop(draft, replica, `scaled to ${service.record.desired}`);
  }
  const at = { replica, node };
  const keeps = homeOf(draft.state, service, record.slot) === node;
  if (node.liveness === "lost") return keeps ? awaitHome(draft, at) : leaveLost(draft, service, at);
  if (isDrainOverdue(node)) {
    return stop(draft, replica, `node ${node.record.name} is being drained, and its time for that is over`);
  }
  const predecessor = draft.state.replicas.get(record.successor_of ?? "");
  if (predecessor !== undefined) return takeOver(draft, service, { ...at, predecessor });
  if (isBeingEmptied(node)) return keeps ? stayUntilHomeLeaves(draft, at) : empty(draft, service, at);
  if (!isPresent(service.record, record.generation)) return "outdated";
  if (isCrashedOut(service, replica)) return keeps ? stayThoughCrashed(draft, at) : moveCrashed(draft, service, at);
}

function endDraining(draft: Draft, service: ServiceState, at: { replica: ReplicaState; node: NodeState }): void {
  const { replica, node } = at;
  const { id } = replica.record;
  const why = "its node is lost";
  if (node.liveness === "lost") {
    if (!mayLive(draft, service, { replica, why })) draft.actions.push({ kind: "forget", replica: id, reason: why });
  } else if (hasEnded(service, replica)) {
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
  if (mayLive(draft, service, { replica, why })) return;
  const { record } = replica;
  const surplus = record.draining || service.record.removed || record.slot >= service.record.desired ||
    slotMates(draft, service, replica).length > 0;
  if (surplus) {
    draft.actions.push({ kind: "forget", replica: record.id, reason: why });
    return;
  }
  const home = homeOf(draft.state, service, record.slot);
  const placement = draft.placer().place(service.record, { avoid: record.node, home });
  if (placement.kind === "unplaceable") {
    const room = makeRoom(draft, service, { slot: record.slot, home, avoid: record.node });
    return wait(draft, replica, `${why}, and ${room ?? placement.reason}`);
  }
  draft.actions.push({ kind: "forget", replica: record.id, reason: why });
  start(draft, service, { replica, node: placement.node, successor: false, reason: why });
}

function empty(draft: Draft, service: ServiceState, at: { replica: ReplicaState; node: NodeState }): void {
  if (slotMates(draft, service, at.replica).length > 0) return;
  const why = `node ${at.node.record.name} is ${at.node.leaving ? "leaving" : "being drained"}`;
  const home = homeOf(draft.state, service, at.replica.record.slot);
  const placement = draft.placer().place(service.record, { avoid: at.node.record.id, home });
  if (placement.kind === "placed" && isExclusive(service.record.spec)) {
    // Its slot is filled once it has ended.
    stop(draft, at.replica, why);
  } else if (placement.kind === "placed") {
    start(draft, service, { replica: at.replica, node: placement.node, successor: true, reason: why });
  } else if (at.node.leaving) {
    stop(draft, at.replica, `${why}, and ${placement.reason}`);
  } else {
    const room = makeRoom(draft, service, { slot: at.replica.record.slot, home, avoid: at.node.record.id });
    wait(draft, at.replica, `${why}, and ${room ?? placement.reason}`);
  }
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
  const home = homeOf(draft.state, service, record.slot);
  const placement = draft.placer().place(service.record, { avoid: at.node.record.id, home });
  const why = `crashed ${crashes} times on ${at.node.record.name}; last: ${exitWords(observed)}`;
  if (placement.kind === "unplaceable") return wait(draft, at.replica, `${why}; it stays, as ${placement.reason}`);
  stop(draft, at.replica, why);
  start(draft, service, { replica: at.replica, node: placement.node, successor: false, reason: why });
}
