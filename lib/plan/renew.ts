/**
 * A new generation takes the place of a former one, replica by replica: beside it where both can run at once, else in
 * turn, the former one ending before the new one begins.
 * @module
 */
import { isReady, type ReplicaState } from "../cluster/replica.ts";
import { isPresent } from "../cluster/service_record.ts";
import type { ServiceState } from "../cluster/state.ts";
import { takesTurns } from "../cluster/surroundings.ts";
import { type Draft, slotMates, start, stop, wait } from "./draft.ts";

/** Lets a replica of a former generation give way, when it is its turn. */
export function renew(draft: Draft, service: ServiceState, replica: ReplicaState): void {
  if (takesTurns(service.record.spec)) renewInTurn(draft, service, replica);
  else renewBeside(draft, service, replica);
}

/** One replica after the other gets a successor of the new generation. */
function renewBeside(draft: Draft, service: ServiceState, replica: ReplicaState): void {
  if (outdated(draft, service).reduce(lowerSlot) !== replica || service.successors.size > 0) return;
  if (slotMates(draft, service, replica).length > 0) return;
  const why = `generation ${service.record.generation} replaces ${replica.record.generation}`;
  const placement = draft.placer().place(service.record, { inPlaceOf: replica.record.node });
  if (placement.kind === "unplaceable") return wait(draft, replica, `${why}, and ${placement.reason}`);
  start(draft, service, { replica, node: placement.node, successor: true, reason: why });
}

/**
 * The former replica is stopped, and its slot filled anew once it has ended. What is not ready is replaced at once:
 * nothing is lost by that, and a release that never gets ready can be mended. Of the ready ones one at a time goes, and
 * only while every slot is well.
 */
function renewInTurn(draft: Draft, service: ServiceState, replica: ReplicaState): void {
  if (slotMates(draft, service, replica).length > 0) return;
  const { desired, generation } = service.record;
  const why = `generation ${generation} replaces ${replica.record.generation}`;
  if (isReadyHere(draft, replica)) {
    if (outdated(draft, service).filter((one) => isReadyHere(draft, one)).reduce(lowerSlot) !== replica) return;
    const ready = readySlots(draft, service);
    if (ready < desired) {
      return wait(draft, replica, `${why}, one at a time and once all are ready: ${ready} of ${desired} are`);
    }
  }
  stop(draft, replica, why);
}

/** The replicas of former generations that are meant to stay. */
function outdated(draft: Draft, service: ServiceState): ReplicaState[] {
  return [...service.attention]
    .flatMap((id) => draft.state.replicas.get(id) ?? [])
    .filter(({ record }) => !record.draining && !isPresent(service.record, record.generation));
}

function lowerSlot(a: ReplicaState, b: ReplicaState): ReplicaState {
  return b.record.slot < a.record.slot ? b : a;
}

function isReadyHere({ state }: Draft, replica: ReplicaState): boolean {
  return isReady(replica, state.nodes.get(replica.record.node));
}

/** How many of the slots that are wanted have a ready replica. */
function readySlots(draft: Draft, { record, slots }: ServiceState): number {
  const isCovered = ([slot, ids]: [number, string[]]) =>
    slot < record.desired && ids.some((id) => {
      const replica = draft.state.replicas.get(id);
      return replica !== undefined && isReadyHere(draft, replica);
    });
  return [...slots].filter(isCovered).length;
}
