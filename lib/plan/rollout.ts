/**
 * A new generation takes the place of a former one within the service's budget: beside it where both can run at once,
 * else in turn, the former one ending before the new one begins. What is tried first (canaries, a green set) stays beside
 * what it is to replace until it is promoted. How far a rollout has come follows from the replicas alone.
 * @module
 */
import { isReady, type ReplicaState } from "../cluster/replica.ts";
import { isUnderWay } from "../cluster/rollout.ts";
import { asOf, isPresent } from "../cluster/service_record.ts";
import type { ServiceState } from "../cluster/state.ts";
import type { Budget } from "../cluster/update.ts";
import { type Draft, slotMates, start, stop, wait, waitItsTurn } from "./draft.ts";
import { awaitHeldUp } from "./held_up.ts";
import {
  budgetFor,
  isAvailable,
  newcomersBySlot,
  unavailableSlots,
  wakeForAvailability,
  wantedFirst,
} from "./progress.ts";

/** Moves a service on towards its present generation; `outdated` are the replicas of former ones, by slot. */
export function advanceRollout(draft: Draft, service: ServiceState, outdated: readonly ReplicaState[]): void {
  const rollout = service.rollout?.record;
  if (outdated.length === 0 && !isUnderWay(service.rollout)) return;
  if (rollout !== undefined && rollout.to === service.record.generation) {
    const [first] = outdated;
    if (rollout.phase === "failed") {
      if (first !== undefined) wait(draft, first, `the update to generation ${rollout.to} failed: ${rollout.reason}`);
      return;
    }
    if (isUnderWay(service.rollout) && rollout.paused) {
      if (first !== undefined) waitItsTurn(draft, first, `the update to generation ${rollout.to} is paused`);
      return;
    }
    if (rollout.phase === "canary") return tryFirst(draft, service, outdated);
  }
  replaceOutdated(draft, service, { outdated, budget: budgetFor(service), most: Infinity });
  if (!isUnderWay(service.rollout)) return;
  finish(draft, service, outdated);
  awaitHeldUp(draft, service);
}

/** Starts what is to be tried first, and says when it has proved itself. */
function tryFirst(draft: Draft, service: ServiceState, outdated: readonly ReplicaState[]): void {
  const newcomers = newcomersBySlot(draft, service);
  const wanted = wantedFirst(service);
  if (newcomers.length < wanted) {
    const budget = budgetFor(service);
    // What is tried is there beside what is wanted, however small the steps are afterwards.
    const wide = budget.surge === 0 ? budget : { surge: Math.max(budget.surge, wanted), unavailable: 0 };
    // An empty slot will be a new one's, where one ends before the other begins.
    const coming = budget.surge === 0 ? service.missing.size : 0;
    replaceOutdated(draft, service, { outdated, budget: wide, most: Math.max(0, wanted - newcomers.length - coming) });
    return;
  }
  const unwell = newcomers.filter((replica) => !isAvailable(draft, service, replica));
  const { name, generation, spec } = service.record;
  if (unwell.length > 0) {
    wakeForAvailability(draft, service, unwell);
    const reason = `generation ${generation} is tried: ${
      newcomers.length - unwell.length
    } of ${wanted} are well so far`;
    return waitItsTurn(draft, unwell[0]!, reason);
  }
  if (spec.update.auto_promote) {
    draft.actions.push({ kind: "promote", service: name, reason: `${wanted} of generation ${generation} are well` });
  } else if (newcomers[0] !== undefined) {
    const reason = `${wanted} of generation ${generation} are well: promote it, or roll back`;
    waitItsTurn(draft, newcomers[0], reason);
  }
}

interface Replacement {
  outdated: readonly ReplicaState[];
  budget: Budget;
  /** How many may be begun now. */
  most: number;
}

function replaceOutdated(draft: Draft, service: ServiceState, { outdated, budget, most }: Replacement): void {
  if (outdated.length === 0) return;
  const unavailable = unavailableSlots(draft, service);
  let besideLeft = budget.surge - besideNow(draft, service);
  let missingLeft = budget.unavailable - unavailable;
  let left = most;
  let waits: ReplicaState | undefined;
  for (const replica of outdated) {
    if (left === 0) break;
    if (slotMates(draft, service, replica).length > 0) continue;
    const why = `generation ${service.record.generation} replaces ${replica.record.generation}`;
    const ready = isReady(replica, draft.state.nodes.get(replica.record.node));
    // What is not ready is no loss, and a release that never gets ready can be mended.
    const mayEndFirst = budget.unavailable > 0 && (!ready || missingLeft > 0);
    if (besideLeft > 0) {
      const placement = draft.placer().place(service.record, { inPlaceOf: replica.record.node });
      if (placement.kind === "placed") {
        const { generation } = service.record;
        start(draft, { replica, node: placement.node, successor: true, generation, reason: why });
        besideLeft -= 1;
      } else if (mayEndFirst && fitsInPlaceOf(draft, service, replica)) {
        if (ready) missingLeft -= 1;
        stop(draft, replica, `${why}, and there is no room beside it`);
      } else return wait(draft, replica, `${why}, and ${placement.reason}`);
    } else if (mayEndFirst) {
      if (ready) missingLeft -= 1;
      stop(draft, replica, why);
    } else {
      waits ??= replica;
      continue;
    }
    left -= 1;
  }
  if (waits !== undefined) waitItsTurn(draft, waits, paceOf(service, budget, unavailable));
}

/** Whether a replica of the present generation has room where one of a former is, once that has ended. */
function fitsInPlaceOf(
  draft: Draft,
  { record }: ServiceState,
  { record: { node: id, generation } }: ReplicaState,
): boolean {
  const node = draft.state.nodes.get(id);
  if (node === undefined) return false;
  const placer = draft.placer();
  const former = asOf(record, generation);
  placer.room.take(node, former);
  const isFit = placer.refusal(node, record) === undefined;
  placer.room.put(node, former);
  return isFit;
}

/** How many replicas are there beside those that they are to replace; what is on its way out counts no more. */
function besideNow({ state }: Draft, { successors }: ServiceState): number {
  const predecessors = [...successors].map((id) =>
    state.replicas.get(state.replicas.get(id)?.record.successor_of ?? "")
  );
  return predecessors.filter((predecessor) => predecessor?.record.draining === false).length;
}

function paceOf({ record }: ServiceState, { surge, unavailable: missing }: Budget, unavailable: number): string {
  return `generation ${record.generation} takes over with ${surge} beside and ${missing} missing at most: ` +
    `${record.desired - unavailable} of ${record.desired} are well`;
}

/** Notes the end of a rollout: every wanted slot has a replica of the present generation that has proved itself. */
function finish(draft: Draft, service: ServiceState, outdated: readonly ReplicaState[]): void {
  const { record } = service;
  if (outdated.length > 0 || service.successors.size > 0 || service.missing.size > 0) return;
  const isLeft = [...service.attention].some((id) => {
    const replica = draft.state.replicas.get(id)?.record;
    return replica !== undefined && !replica.draining && !isPresent(record, replica.generation);
  });
  if (isLeft || unavailableSlots(draft, service) > 0) return;
  const reason = `${record.desired} of ${record.desired} run generation ${record.generation}`;
  draft.actions.push({ kind: "finish_rollout", service: record.name, phase: "done", replica: null, reason });
}
