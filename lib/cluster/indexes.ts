/**
 * Keeps the indexes of the cluster's state true. `apply` calls these after every change of a record, of a node's
 * liveness or of what was observed; nothing else writes to the indexes.
 * @module
 */
import { hasDrainDeadline } from "./drain.ts";
import type { Capacity, NodeState } from "./node.ts";
import { isReady, type Observation, type ReplicaState } from "./replica.ts";
import { isUnderWay } from "./rollout.ts";
import { type ClusterState, isFilled, isWell, type ServiceState } from "./state.ts";

/** What a replica without declared resources counts for when load is compared; it reserves nothing. */
const NOMINAL_CPU = 0.05;
const NOMINAL_MEMORY_MIB = 32;

/** Puts a new or changed assignment where decisions look for it. */
export function indexAssignment(state: ClusterState, replica: ReplicaState): void {
  const { record } = replica;
  touch(state, replica);
  const service = state.services.get(record.service);
  if (service === undefined) return;
  const ids = service.slots.get(record.slot);
  if (ids === undefined) service.slots.set(record.slot, [record.id]);
  else if (!ids.includes(record.id)) ids.push(record.id);
  const node = state.nodes.get(record.node);
  if (node !== undefined && !node.replicas.has(record.id)) {
    node.replicas.add(record.id);
    reserve(node, replica, 1);
  }
  if (isReady(replica, node)) service.ready += 1;
  indexSlot(state, service, record.slot);
  state.ordersChanged.add(record.node);
  state.endpointsChanged.add(record.service);
}

/** Takes an assignment out again; to be called before the record is changed or deleted. */
export function unindexAssignment(state: ClusterState, replica: ReplicaState): void {
  const { record } = replica;
  touch(state, replica);
  const service = state.services.get(record.service);
  const node = state.nodes.get(record.node);
  if (service === undefined) return;
  if (isReady(replica, node)) service.ready -= 1;
  const left = (service.slots.get(record.slot) ?? []).filter((id) => id !== record.id);
  if (left.length === 0) service.slots.delete(record.slot);
  else service.slots.set(record.slot, left);
  service.attention.delete(record.id);
  service.successors.delete(record.id);
  if (node?.replicas.delete(record.id) === true) reserve(node, replica, -1);
  state.ordersChanged.add(record.node);
  state.endpointsChanged.add(record.service);
}

/** Brings a slot's entries up to date after something about its replicas, their nodes or the service changed. */
export function indexSlot(state: ClusterState, service: ServiceState, slot: number): void {
  for (const id of service.slots.get(slot) ?? []) {
    const replica = state.replicas.get(id);
    if (replica === undefined) continue;
    toggle(service.attention, id, !isWell(state, service, replica));
    const predecessor = replica.record.successor_of;
    toggle(service.successors, id, predecessor !== null && state.replicas.has(predecessor));
  }
  const wanted = slot < service.record.desired && !service.record.removed;
  toggle(service.missing, slot, wanted && !isFilled(state, service, slot));
  indexService(state, service);
}

/** Whether the service has anything that is to be decided. */
export function indexService(state: ClusterState, service: ServiceState): void {
  const settled = service.missing.size === 0 && service.attention.size === 0 && !service.record.removed &&
    !isUnderWay(service.rollout);
  toggle(state.unsettled, service.record.name, !settled);
  state.touched?.services.add(service.record.name);
}

/** Changes a replica's readiness by way of `change`, and keeps the count of ready ones and the ingress's news. */
export function reindexReadiness(state: ClusterState, replica: ReplicaState, change: () => void): void {
  const service = state.services.get(replica.record.service);
  const node = state.nodes.get(replica.record.node);
  const wasReady = isReady(replica, node);
  const before = replica.observed;
  change();
  state.touched?.replicas.set(replica.record.id, replica.record.service);
  if (service === undefined) return;
  const ready = isReady(replica, node);
  if (ready !== wasReady) service.ready += ready ? 1 : -1;
  if (ready !== wasReady || (ready && isElsewhere(before, replica.observed))) {
    state.endpointsChanged.add(service.record.name);
  }
  indexSlot(state, service, replica.record.slot);
}

/** Whether what reaches a ready replica reaches another port of it now, or may do so no more. */
function isElsewhere(before: Observation | undefined, after: Observation | undefined): boolean {
  if (before?.port !== after?.port || before?.roles?.join() !== after?.roles?.join()) return true;
  const [former, present] = [before?.ports ?? {}, after?.ports ?? {}];
  const names = Object.keys(present);
  return names.length !== Object.keys(former).length || names.some((name) => former[name] !== present[name]);
}

/** Changes a node by way of `change`, and brings all that depends on it up to date. */
export function reindexNode(state: ClusterState, node: NodeState, change: () => void): void {
  const replicas = [...node.replicas].flatMap((id) => state.replicas.get(id) ?? []);
  const wasReady = replicas.map((replica) => isReady(replica, node));
  if (node.liveness === "ready") state.readyNodes -= 1;
  change();
  if (node.liveness === "ready") state.readyNodes += 1;
  toggle(state.unmarked, node.record.id, isUnmarked(node));
  state.touched?.nodes.add(node.record.id);
  replicas.forEach((replica, index) => {
    touch(state, replica);
    const service = state.services.get(replica.record.service);
    if (service === undefined) return;
    const ready = isReady(replica, node);
    if (ready !== wasReady[index]) service.ready += ready ? 1 : -1;
    state.endpointsChanged.add(service.record.name);
    indexSlot(state, service, replica.record.slot);
  });
}

/** Adds a node that was not known. */
export function indexNode(state: ClusterState, node: NodeState): void {
  state.nodes.set(node.record.id, node);
  state.nodesByName.splice(placeByName(state.nodesByName, node), 0, node);
  if (node.liveness === "ready") state.readyNodes += 1;
  toggle(state.unmarked, node.record.id, isUnmarked(node));
  state.touched?.nodes.add(node.record.id);
}

/** Takes a node out; its replicas have to be indexed again, as theirs is gone. */
export function unindexNode(state: ClusterState, node: NodeState): void {
  state.nodes.delete(node.record.id);
  state.nodesByName = state.nodesByName.filter((other) => other !== node);
  if (node.liveness === "ready") state.readyNodes -= 1;
  state.unmarked.delete(node.record.id);
  state.touched?.nodes.add(node.record.id);
}

/** Whether its record has to catch up: with its loss or return, with the end of its drain, or with losses forgiven. */
function isUnmarked(node: NodeState): boolean {
  const { lost, losses } = node.record;
  return hasDrainDeadline(node.record) || (node.liveness === "lost" && !lost) ||
    (node.liveness === "ready" && (lost || losses > 0));
}

/** A replica has changed, and with it what its node carries. */
function touch({ touched }: ClusterState, { record }: ReplicaState): void {
  touched?.replicas.set(record.id, record.service);
  touched?.nodes.add(record.node);
}

function placeByName(nodes: readonly NodeState[], node: NodeState): number {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byName(nodes[middle]!, node) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byName(a: NodeState, b: NodeState): number {
  if (a.record.name !== b.record.name) return a.record.name < b.record.name ? -1 : 1;
  return a.record.id < b.record.id ? -1 : 1;
}

function reserve(node: NodeState, replica: ReplicaState, sign: 1 | -1): void {
  const { resources, record } = replica;
  const nominal = nominalSize(resources);
  node.reserved.cpu += sign * resources.cpu;
  node.reserved.memory += sign * resources.memory;
  count(node.perService, record.service, sign);
  // What is on its way out takes its room along, but is no reason to go elsewhere.
  if (record.draining) return count(node.going, record.service, sign);
  node.nominal.cpu += sign * nominal.cpu;
  node.nominal.memory += sign * nominal.memory;
}

function count(counts: Map<string, number>, service: string, sign: 1 | -1): void {
  const next = (counts.get(service) ?? 0) + sign;
  if (next === 0) counts.delete(service);
  else counts.set(service, next);
}

/** What a replica of this service adds to a node's load. */
export function nominalSize(resources: Capacity): Capacity {
  return { cpu: resources.cpu || NOMINAL_CPU, memory: resources.memory || NOMINAL_MEMORY_MIB };
}

function toggle<T>(set: Set<T>, entry: T, present: boolean): void {
  if (present) set.add(entry);
  else set.delete(entry);
}
