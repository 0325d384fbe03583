/**
 * How far a service is on its way to its present generation: which of its replicas count already, what may be done at
 * once, and which generation fills a slot meanwhile.
 * @module
 */
import { isReady, type ReplicaState } from "../cluster/replica.ts";
import { isUnderWay, type RolloutRecord } from "../cluster/rollout.ts";
import { generationOf, isPresent } from "../cluster/service_record.ts";
import type { ServiceState } from "../cluster/state.ts";
import { type Budget, budgetOf } from "../cluster/update.ts";
import { parseDurationMs } from "../runtime/duration.ts";
import type { Draft } from "./draft.ts";

/** What is known at a moment. */
type Sight = Pick<Draft, "state" | "nowMs">;

/** The rollout that brings the present generation about, while it is under way. */
export function rolloutUnderWay({ record, rollout }: ServiceState): RolloutRecord | undefined {
  return rollout !== undefined && isUnderWay(rollout) && rollout.record.to === record.generation
    ? rollout.record
    : undefined;
}

/** What may be done at once. A restart goes one by one, whatever an update may do. */
export function budgetFor(service: ServiceState): Budget {
  const budget = budgetOf(service.record.spec, service.record.desired);
  if (service.rollout?.record.cause !== "restart") return budget;
  return budget.surge > 0 ? { surge: 1, unavailable: 0 } : { surge: 0, unavailable: 1 };
}

/** How many replicas of the new generation are tried before it is promoted. */
export function wantedFirst({ record: { spec, desired } }: ServiceState): number {
  return spec.update.strategy === "blue_green" ? desired : Math.min(spec.update.canary, desired);
}

/** The replicas of the present generation that are meant to stay, by slot. */
export function newcomersOf(sight: Sight, { record, slots }: ServiceState): ReplicaState[] {
  const newcomers: ReplicaState[] = [];
  for (let slot = 0; slot < record.desired; slot++) {
    for (const id of slots.get(slot) ?? []) {
      const replica = sight.state.replicas.get(id);
      if (replica === undefined || replica.record.draining) continue;
      if (isPresent(record, replica.record.generation)) newcomers.push(replica);
    }
  }
  return newcomers;
}

/** One of them for each slot that they fill, rather one that counts: a slot whose replica is moved has two. */
export function newcomersBySlot(sight: Sight, service: ServiceState): ReplicaState[] {
  const bySlot = new Map<number, ReplicaState>();
  for (const replica of newcomersOf(sight, service)) {
    const { slot } = replica.record;
    if (!bySlot.has(slot) || isAvailable(sight, service, replica)) bySlot.set(slot, replica);
  }
  return [...bySlot.values()];
}

/** Whether a replica counts: it is ready, and has been so for long enough where its generation has yet to prove itself. */
export function isAvailable(sight: Sight, service: ServiceState, replica: ReplicaState): boolean {
  const atMs = availableAtMs(sight, service, replica);
  return atMs !== undefined && atMs <= sight.nowMs;
}

/** When a replica counts, if it stays as it is; undefined when it isn't ready. */
export function availableAtMs({ state }: Sight, service: ServiceState, replica: ReplicaState): number | undefined {
  const { record, readySinceMs } = replica;
  if (readySinceMs === undefined || !isReady(replica, state.nodes.get(record.node))) return undefined;
  const isProven = rolloutUnderWay(service)?.cause !== "release" || !isPresent(service.record, record.generation);
  return isProven ? readySinceMs : readySinceMs + parseDurationMs(service.record.spec.update.min_healthy);
}

/**
 * The generation that a slot is filled with, in the place of `former` where there is one. While a new generation has yet
 * to prove itself, what ran before is replaced by its like, so that a bad release gets no further by the death of a node.
 */
export function generationFor(sight: Sight, service: ServiceState, former?: ReplicaState): number {
  const { record, rollout } = service;
  const from = provenBefore(service);
  if (from === undefined) return record.generation;
  if (former !== undefined && isPresent(record, former.record.generation)) return record.generation;
  // What has failed gets no further, whatever becomes of what ran before.
  if (rollout?.record.phase === "failed") return from;
  const newcomers = newcomersBySlot(sight, service);
  if (rollout?.record.phase === "canary") {
    // Where one ends before the other begins, the empty slot is the new one's.
    const isCanarys = former === undefined && budgetFor(service).surge === 0;
    return isCanarys && newcomers.length < wantedFirst(service) ? record.generation : from;
  }
  const isProven = rollout?.record.paused === false &&
    newcomers.some((replica) => isAvailable(sight, service, replica));
  return former === undefined || isProven ? record.generation : from;
}

/**
 * The generation that a replica goes on with elsewhere where nothing else takes it there: the present one where it is of
 * that; else no step is taken by it, also where what ran before is not known to be good.
 */
export function generationKept(service: ServiceState, { record: { generation } }: ReplicaState): number {
  if (isPresent(service.record, generation)) return service.record.generation;
  return provenBefore(service) ?? generation;
}

/** Says which generation fills each of several empty slots, one after the other: no more are tried than are to be. */
export function generationsFor(sight: Sight, service: ServiceState): () => number {
  const generation = generationFor(sight, service);
  const from = provenBefore(service);
  if (from === undefined || service.rollout?.record.phase !== "canary") return () => generation;
  let left = generation === from ? 0 : wantedFirst(service) - newcomersBySlot(sight, service).length;
  return () => (left -= 1) >= 0 ? generation : from;
}

/** The generation that ran before and is known to be good, while the present one has yet to prove itself, or has failed. */
function provenBefore({ record, rollout }: ServiceState): number | undefined {
  if (rollout === undefined) return undefined;
  const { cause, from, to, phase } = rollout.record;
  if (cause !== "release" || to !== record.generation || phase === "done" || from === null) return undefined;
  return isPresent(record, from) || generationOf(record, from) === undefined ? undefined : from;
}

/** Whether a rollout waits for somebody's word, so that what is of a former generation stays for as long as that takes. */
export function standsStill(sight: Sight, service: ServiceState): boolean {
  const { record, rollout } = service;
  if (rollout === undefined || rollout.record.to !== record.generation) return false;
  const { phase, paused } = rollout.record;
  if (phase === "canary") return paused || newcomersBySlot(sight, service).length >= wantedFirst(service);
  return phase === "failed" || (phase === "rolling" && paused);
}

/** How many of the wanted slots have no replica that counts, or none that is left by what was decided so far. */
export function unavailableSlots(draft: Draft, service: ServiceState): number {
  let unavailable = 0;
  for (let slot = 0; slot < service.record.desired; slot++) {
    const replicas = (service.slots.get(slot) ?? []).flatMap((id) => draft.state.replicas.get(id) ?? []);
    const counts = (replica: ReplicaState) =>
      !draft.ending.has(replica.record.id) && isAvailable(draft, service, replica);
    if (replicas.some(counts)) continue;
    unavailable += 1;
    wakeForAvailability(draft, service, replicas);
  }
  return unavailable;
}

export function wakeForAvailability(draft: Draft, service: ServiceState, replicas: readonly ReplicaState[]): void {
  for (const replica of replicas) {
    const atMs = availableAtMs(draft, service, replica);
    if (atMs !== undefined && atMs > draft.nowMs) draft.wakeAt(atMs);
  }
}
