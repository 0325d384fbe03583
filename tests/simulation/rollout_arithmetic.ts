/**
 * What a rollout may do, by the words of the documentation and in arithmetic of its own: none of what it judges is used.
 * @module
 */
import type { Change } from "../../lib/cluster/record.ts";
import type { AssignmentRecord } from "../../lib/cluster/replica.ts";
import type { RolloutRecord } from "../../lib/cluster/rollout.ts";
import type { ServiceSpec } from "../../lib/cluster/service.ts";
import type { ServiceRecord } from "../../lib/cluster/service_record.ts";
import type { ClusterState, ServiceState } from "../../lib/cluster/state.ts";

/** How many there may be beside those that are wanted, and how many of those may be missing. */
export interface Limits {
  beside: number;
  missing: number;
}

export function limitsOf({ spec, desired }: ServiceRecord, rollout: RolloutRecord | undefined): Limits {
  const { max_surge, max_unavailable } = spec.update;
  const oneByOne = rollout?.cause === "restart";
  const beside = isTurnTaker(spec) ? 0 : Math.ceil(share(max_surge, desired));
  if (oneByOne) return beside > 0 ? { beside: 1, missing: 0 } : { beside: 0, missing: 1 };
  const missing = Math.floor(share(max_unavailable, desired));
  return { beside, missing: beside === 0 ? Math.max(1, missing) : missing };
}

/** How many of the new generation there may be before it is promoted. */
export function triedOf({ spec, desired }: ServiceRecord): number {
  return spec.update.strategy === "blue_green" ? desired : Math.min(spec.update.canary, desired);
}

/** Two of a slot must not be there at once. */
export function isTurnTaker({ data, on_isolation, ports }: ServiceSpec): boolean {
  return data.per_slot || on_isolation !== undefined || Object.values(ports).some(({ port }) => port > 0);
}

/** Of what the service is to run, or no worse. */
export function isNew({ generation, alike }: ServiceRecord, replica: { generation: number }): boolean {
  return replica.generation === generation || alike.includes(replica.generation);
}

/** The rollout to the present generation, unless it is over. */
export function underWay({ record, rollout }: ServiceState): RolloutRecord | undefined {
  const words = rollout?.record;
  if (words === undefined || words.to !== record.generation) return undefined;
  return words.phase === "done" || words.phase === "failed" ? undefined : words;
}

/** Of a green set that has yet to be promoted, beside a blue one. */
export function isHeldBack(state: ClusterState, service: ServiceState, replica: AssignmentRecord): boolean {
  const { record } = service;
  const blue = state.replicas.get(replica.successor_of ?? "")?.record;
  if (blue === undefined || isNew(record, blue)) return false;
  const rollout = underWay(service);
  if (record.spec.update.strategy !== "blue_green" || rollout?.phase !== "canary") return false;
  return rollout.from !== null && rollout.cause === "release" && isNew(record, replica);
}

/** What is known to answer. */
export function isSeenReady(state: ClusterState, { id, node }: AssignmentRecord): boolean {
  const liveness = state.nodes.get(node)?.liveness;
  const observed = state.replicas.get(id)?.observed;
  return liveness !== undefined && liveness !== "lost" && observed?.ready === true && observed.phase === "running";
}

/** What requests may go to. */
export function isServing(state: ClusterState, service: ServiceState, record: AssignmentRecord): boolean {
  return isSeenReady(state, record) && !isHeldBack(state, service, record);
}

/** Its replicas have to go elsewhere. */
export function isToBeLeft(state: ClusterState, id: string): boolean {
  const node = state.nodes.get(id);
  return node === undefined || node.liveness === "lost" || node.leaving || node.record.draining;
}

/** The replicas of a service before a transaction and after it, those that mean to stay. */
export function stayingOf(state: ClusterState, service: ServiceState, changes: readonly Change[]) {
  const before = new Map<string, AssignmentRecord>();
  for (const id of [...service.slots.values()].flat()) {
    const record = state.replicas.get(id)?.record;
    if (record !== undefined && !record.draining) before.set(id, record);
  }
  const after = new Map(before);
  for (const change of changes) {
    if (change.op === "delete") after.delete(change.key.slice(change.key.indexOf("/") + 1));
    else if (change.record.type === "assignment" && change.record.service === service.record.name) {
      if (change.record.draining) after.delete(change.record.id);
      else after.set(change.record.id, change.record);
    }
  }
  return { before, after };
}

function share(amount: number | string, desired: number): number {
  return typeof amount === "number" ? amount : Number.parseInt(amount, 10) / 100 * desired;
}
