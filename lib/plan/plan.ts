/**
 * State into actions: the second half of the core. `plan` looks only at services that are not settled and at nodes whose
 * record is behind what was seen, in a fixed order, and says for each action why. It changes nothing: planned twice, it
 * says the same; when all is well, it says nothing.
 * @module
 */
import { drainDeadlineMs, hasDrainDeadline } from "../cluster/drain.ts";
import { FORGIVEN_AFTER_MS, holdDownMs, type NodeState } from "../cluster/node.ts";
import { asOf } from "../cluster/service_record.ts";
import {
  type ClusterState,
  homeOf,
  isRecovering,
  lastPlaceOf,
  type ServiceState,
  UNHEARD_MAX_MS,
} from "../cluster/state.ts";
import { takesTurns } from "../cluster/surroundings.ts";
import type { Plan } from "./action.ts";
import type { Draft } from "./draft.ts";
import { Placer } from "./place.ts";
import { generationsFor } from "./progress.ts";
import { makeRoom } from "./preempt.ts";
import { rebalance } from "./rebalance.ts";
import { planReplica } from "./replica.ts";
import { advanceRollout } from "./rollout.ts";
import { endFailed } from "./rollout_failure.ts";

/** For so many slots of a service room is made at once at most; the next ones follow when those are filled. */
const ROOMS_MAX = 20;

/** What should be done now. */
export function plan(state: ClusterState, nowMs: number): Plan {
  const result: Plan = { actions: [], waits: [], wakeMs: undefined };
  // Until every node has said what runs on it, a decision would be a guess.
  if (isRecovering(state, nowMs)) return { ...result, wakeMs: state.loadedMs + UNHEARD_MAX_MS };
  let placer: Placer | undefined;
  const draft: Draft = {
    state,
    nowMs,
    actions: result.actions,
    waits: result.waits,
    placer: () => placer ??= new Placer(state, nowMs),
    ending: new Set(),
    wakeAt: (atMs) => {
      result.wakeMs = Math.min(result.wakeMs ?? Infinity, atMs);
    },
  };
  for (const service of byImportance(state)) planService(draft, service);
  for (const id of [...state.unmarked].sort()) {
    const node = state.nodes.get(id);
    if (node !== undefined) markNode(draft, node);
  }
  const balance = rebalance(draft);
  if (balance !== undefined) result.balance = balance;
  return result;
}

/** What is not settled, the most important first: room that is made goes to whom it is made for. */
function byImportance(state: ClusterState): ServiceState[] {
  return [...state.unsettled].sort().flatMap((name) => state.services.get(name) ?? [])
    .sort((a, b) => b.record.spec.priority - a.record.spec.priority);
}

function planService(draft: Draft, service: ServiceState): void {
  const { record } = service;
  if (record.removed && service.slots.size === 0) {
    draft.actions.push({ kind: "drop_service", service: record.name, reason: "its last replica has stopped" });
    return;
  }
  const replicas = [...service.attention].flatMap((id) => draft.state.replicas.get(id) ?? []);
  // The youngest slots go first, so that the oldest replicas stay; within a slot, who was there first decides first.
  replicas.sort((a, b) => b.record.slot - a.record.slot || a.record.fence - b.record.fence);
  if (endFailed(draft, service)) return;
  const outdated = replicas.filter((replica) =>
    !draft.ending.has(replica.record.id) && planReplica(draft, service, replica) === "outdated"
  );
  // What is missing comes before what is merely renewed.
  fillSlots(draft, service);
  if (!record.removed) advanceRollout(draft, service, outdated.toReversed());
}

function fillSlots(draft: Draft, service: ServiceState): void {
  if (service.missing.size === 0) return;
  const { record } = service;
  const slots = [...service.missing].sort((a, b) => a - b);
  const reason = `${record.desired - slots.length} of ${record.desired} placed`;
  const nextGeneration = generationsFor(draft, service);
  let rooms = 0;
  const full = new Set<number>();
  for (const slot of slots) {
    // What is on its way out would be in the way of the next one.
    if (takesTurns(record.spec) && service.slots.has(slot)) continue;
    const generation = nextGeneration();
    const home = homeOf(draft.state, service, { slot, generation });
    // What holds for one slot that may be anywhere holds for those after it.
    if (home === undefined && full.has(generation)) continue;
    const wanted = asOf(record, generation);
    const rather = lastPlaceOf(draft.state, service, { slot, generation });
    const placement = draft.placer().place(wanted, { home, rather });
    if (placement.kind === "unplaceable") {
      const room = makeRoom(draft, wanted, { slot, home });
      draft.waits.push({ service: record.name, slot, reason: room ?? placement.reason, kind: "blocked" });
      rooms += room === undefined ? 0 : 1;
      if (home === undefined && (room === undefined || rooms >= ROOMS_MAX)) full.add(generation);
      continue;
    }
    draft.actions.push({
      kind: "start",
      service: record.name,
      slot,
      generation,
      node: placement.node.record.id,
      successorOf: null,
      crashesBefore: 0,
      reason,
    });
  }
}

/** Writes down that a node is lost or back, or that its drain took too long, and forgives its losses once it was ready for long enough. */
function markNode(draft: Draft, node: NodeState): void {
  const { record } = node;
  const deadlineMs = hasDrainDeadline(record) ? drainDeadlineMs(node) : undefined;
  if (deadlineMs !== undefined && deadlineMs > draft.nowMs) draft.wakeAt(deadlineMs);
  else if (deadlineMs !== undefined) {
    draft.actions.push({ kind: "end_drain", node: record.id, reason: `${record.drain?.deadline} are over` });
    return;
  }
  if (node.liveness === "lost" && !record.lost) {
    const losses = record.losses + (node.cause === "goodbye" ? 0 : 1);
    draft.actions.push({ kind: "mark", node: record.id, lost: true, losses, reason: `lost: ${node.cause}` });
    return;
  }
  if (node.liveness !== "ready") return;
  if (record.lost) {
    draft.actions.push({ kind: "mark", node: record.id, lost: false, losses: record.losses, reason: "heard again" });
    return;
  }
  if (record.losses === 0) return;
  const forgivenMs = node.sinceMs + holdDownMs(record.losses) + FORGIVEN_AFTER_MS;
  if (draft.nowMs < forgivenMs) draft.wakeAt(forgivenMs);
  else {
    draft.actions.push({ kind: "mark", node: record.id, lost: false, losses: 0, reason: "stayed ready since" });
  }
}
