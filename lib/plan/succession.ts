/**
 * What becomes of a replica that is to take over from another one: it takes over once it is ready, and for long enough
 * where its generation has yet to prove itself; what is merely tried stays beside what it may replace one day.
 * @module
 */
import { isHeldBack } from "../cluster/blue_green.ts";
import type { NodeState } from "../cluster/node.ts";
import { isReady, nameOf, type ReplicaState } from "../cluster/replica.ts";
import { isPresent } from "../cluster/service_record.ts";
import { isBeingEmptied, isCrashedOut, type ServiceState } from "../cluster/state.ts";
import { moveSuccessor } from "./crash_move.ts";
import { type Draft, stop, waitItsTurn } from "./draft.ts";
import { availableAtMs, generationFor, rolloutUnderWay } from "./progress.ts";

export interface Succession {
  replica: ReplicaState;
  predecessor: ReplicaState;
  node: NodeState;
}

export function takeOver(draft: Draft, service: ServiceState, at: Succession): void {
  const { replica, predecessor, node } = at;
  const heldBack = isHeldBack(draft.state, service, replica.record);
  if (predecessor.record.draining || draft.ending.has(predecessor.record.id)) {
    if (heldBack) stop(draft, replica, "what it is tried beside ends: it is tried anew");
    return;
  }
  const { generation } = replica.record;
  const isReadyNow = isReady(replica, node);
  const place = draft.state.nodes.get(predecessor.record.node);
  const mustLeave = place !== undefined && isBeingEmptied(place) && !heldBack;
  // What ran before is started once more only where it has to leave its place.
  const isWanted = isPresent(service.record, generation) ||
    (mustLeave && generation === generationFor(draft, service, predecessor));
  // Also one that is wanted no more is better than none.
  const isNeeded = mustLeave || (!isWanted && !isReady(predecessor, place));
  if (!isWanted && !(isReadyNow && isNeeded)) {
    // Else a release that never gets ready would stand in the way of the one that mends it.
    return stop(draft, replica, `generation ${service.record.generation} came before ${generation} could take over`);
  }
  // Where the former one has to leave anyway, nothing is gained by waiting.
  if (isReadyNow && (isNeeded || mayTakeOver(draft, service, at))) {
    stop(draft, predecessor, `${nameOf(replica.record)} is ready on ${node.record.name} and takes over`);
  } else if (isBeingEmptied(node) && (!isReadyNow || (isTried(service) && isReady(predecessor, place)))) {
    stop(draft, replica, `node ${node.record.name} is being emptied before it could take over`);
  } else if (isCrashedOut(service, replica)) {
    if (mustLeave || isWayBack(service)) return moveSuccessor(draft, service, at);
    if (isStep(service, at)) return;
    // It was begun to even the cluster out, and the former one is as well as before.
    const crashes = `crashed ${replica.observed?.crashes ?? 0} times on ${node.record.name}`;
    stop(draft, replica, `${crashes}: the one on ${place?.record.name ?? "its node"} stays`);
  }
}

/** Whether it brings the service nearer to its present generation. */
function isStep({ record }: ServiceState, { replica, predecessor }: Omit<Succession, "node">): boolean {
  return isPresent(record, replica.record.generation) && !isPresent(record, predecessor.record.generation);
}

/** Whether what is new waits for its promotion. */
function isTried(service: ServiceState): boolean {
  return rolloutUnderWay(service)?.phase === "canary";
}

/** Whether the service goes back to a generation that was good: no crash makes it fail, so it has to get on elsewhere. */
function isWayBack(service: ServiceState): boolean {
  const rollout = rolloutUnderWay(service);
  return rollout?.cause === "rollback" && !rollout.paused;
}

function mayTakeOver(draft: Draft, service: ServiceState, { replica, predecessor }: Succession): boolean {
  const rollout = rolloutUnderWay(service);
  if (rollout === undefined || !isStep(service, { replica, predecessor })) return true;
  if (rollout.phase === "canary") return false;
  const atMs = availableAtMs(draft, service, replica) ?? draft.nowMs;
  if (atMs <= draft.nowMs) return true;
  draft.wakeAt(atMs);
  waitItsTurn(draft, replica, `takes over once it was ready for ${service.record.spec.update.min_healthy}`);
  return false;
}
