/**
 * What to do about one replica that is not plainly well: stop it where it is surplus, forget it where it has ended or
 * its node is lost, give it a successor where its node is being emptied or its generation is old, move it where its
 * restarts are used up; one that keeps data stays where that is. Exactly one branch applies, the most final one first.
 * @module
 */
import { isHeldBack } from "../cluster/blue_green.ts";
import { isDrainOverdue } from "../cluster/drain.ts";
import { isExclusive } from "../cluster/isolation.ts";
import type { NodeState } from "../cluster/node.ts";
import { isReady, type ReplicaState } from "../cluster/replica.ts";
import { asOf, isPresent } from "../cluster/service_record.ts";
import { homeOf, isBeingEmptied, isCrashedOut, type ServiceState } from "../cluster/state.ts";
import { moveCrashed } from "./crash_move.ts";
import { type Draft, forget, standIns, start, stop, stopHeldBack, wait, waitItsTurn } from "./draft.ts";
import { awaitHome, stayThoughCrashed, stayUntilHomeLeaves } from "./home.ts";
import { hasEnded, mayLive } from "./isolation.ts";
import { makeRoom } from "./preempt.ts";
import { budgetFor, generationFor, standsStill, unavailableSlots } from "./progress.ts";
import { takeOver } from "./succession.ts";

/** What is left of a replica's own decision: nothing, or that it is of a former generation and its turn may come. */
type Left = "outdated" | undefined | void;

export function planReplica(draft: Draft, service: ServiceState, replica: ReplicaState): Left {
  const { record } = replica;
  const node = draft.state.nodes.get(record.node);
  if (node === undefined) return fillElsewhere(draft, service, { replica, why: "its node was removed" });
  if (record.draining) return endDraining(draft, service, { replica, node });
  if (service.record.removed) return stop(draft, replica, "the service is removed");
  if (record.slot >= service.record.desired) {
    return stop(draft, replica, `scaled to ${service.record.desired}`);
  }
  const at = { replica, node };
  const keeps = homeOf(draft.state, service, record) === node;
  if (node.liveness === "lost") return keeps ? awaitHome(draft, at) : leaveLost(draft, service, at);
  if (isDrainOverdue(node)) {
    return stop(draft, replica, `node ${node.record.name} is being drained, and its time for that is over`);
  }
  const predecessor = draft.state.replicas.get(record.successor_of ?? "");
  if (predecessor !== undefined) return takeOver(draft, service, { ...at, predecessor });
  if (isBeingEmptied(node)) return keeps ? stayUntilHomeLeaves(draft, at) : empty(draft, service, at);
  const isOut = isCrashedOut(service, replica);
  if (!isPresent(service.record, record.generation)) {
    // Its turn to be replaced may not come for long.
    const isMoved = isOut && !keeps && standsStill(draft, service) && moveCrashed(draft, service, at);
    return isMoved ? undefined : "outdated";
  }
  if (isOut && keeps) stayThoughCrashed(draft, at);
  else if (isOut) moveCrashed(draft, service, at);
}

function endDraining(draft: Draft, service: ServiceState, at: { replica: ReplicaState; node: NodeState }): void {
  const { replica, node } = at;
  const why = "its node is lost";
  if (node.liveness === "lost") {
    if (!mayLive(draft, service, { replica, why })) forget(draft, replica, why);
  } else if (hasEnded(service, replica)) {
    forget(draft, replica, "it has stopped");
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
  fillElsewhere(draft, service, { replica, why: `node ${node.record.name} is lost (${node.cause ?? "never heard"})` });
}

interface Leaving {
  replica: ReplicaState;
  why: string;
}

/** Ends an assignment whose process is out of reach and fills its slot elsewhere, in one step. */
function fillElsewhere(draft: Draft, service: ServiceState, { replica, why }: Leaving): void {
  if (mayLive(draft, service, { replica, why })) return;
  const { record } = replica;
  const surplus = record.draining || service.record.removed || record.slot >= service.record.desired ||
    isHeldBack(draft.state, service, record) || standIns(draft, service, replica).length > 0;
  if (surplus) return forget(draft, replica, why);
  const generation = generationFor(draft, service, replica);
  const wanted = asOf(service.record, generation);
  const home = homeOf(draft.state, service, { slot: record.slot, generation });
  const placement = draft.placer().place(wanted, { avoid: record.node, home });
  if (placement.kind === "unplaceable") {
    const room = makeRoom(draft, wanted, { slot: record.slot, home, avoid: record.node });
    return wait(draft, replica, `${why}, and ${room ?? placement.reason}`);
  }
  stopHeldBack(draft, service, replica);
  forget(draft, replica, why);
  start(draft, { replica, node: placement.node, successor: false, generation, reason: why });
}

function empty(
  draft: Draft,
  service: ServiceState,
  { replica, node }: { replica: ReplicaState; node: NodeState },
): void {
  if (standIns(draft, service, replica).length > 0) return;
  const { record: { slot } } = replica;
  const why = `node ${node.record.name} is ${node.leaving ? "leaving" : "being drained"}`;
  const generation = generationFor(draft, service, replica);
  const wanted = asOf(service.record, generation);
  const home = homeOf(draft.state, service, { slot, generation });
  if (isExclusive(wanted.spec) && !node.leaving && !mayBeMissing(draft, service, replica)) {
    return waitItsTurn(draft, replica, `${why}, and no more may be missing at once`);
  }
  const placement = draft.placer().place(wanted, { avoid: node.record.id, home });
  if (placement.kind === "placed" && isExclusive(wanted.spec)) {
    // Its slot is filled once it has ended.
    stop(draft, replica, why);
  } else if (placement.kind === "placed") {
    stopHeldBack(draft, service, replica);
    start(draft, { replica, node: placement.node, successor: true, generation, reason: why });
  } else if (node.leaving) {
    stop(draft, replica, `${why}, and ${placement.reason}`);
  } else {
    const room = makeRoom(draft, wanted, { slot, home, avoid: node.record.id });
    wait(draft, replica, `${why}, and ${room ?? placement.reason}`);
  }
}

/** Whether a replica may end before another one begins; what is not ready is no loss. */
function mayBeMissing(draft: Draft, service: ServiceState, replica: ReplicaState): boolean {
  if (!isReady(replica, draft.state.nodes.get(replica.record.node))) return true;
  return unavailableSlots(draft, service) < budgetFor(service).unavailable;
}
