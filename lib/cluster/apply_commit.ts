/**
 * Commits of the store into state: records appear, change and go, and the indexes follow. Split from `apply` because it
 * only knows records, while `apply` only knows what agents say.
 * @module
 */
import { balanceReached, nodeMayTakeMore } from "./balance.ts";
import { describe } from "./describe_change.ts";
import { drainOf, followDrain, noteLeft, toldEmpty } from "./drain.ts";
import type { Happening } from "./event.ts";
import {
  indexAssignment,
  indexNode,
  indexService,
  indexSlot,
  reindexNode,
  unindexAssignment,
  unindexNode,
} from "./indexes.ts";
import { noteHomeBack } from "./home_back.ts";
import { movingGoesOn, nodeAccountedFor } from "./mass_loss.ts";
import type { NodeRecord, NodeState } from "./node.ts";
import { type Change, type Commit, keyOf, type Snapshot, type StoreRecord } from "./record.ts";
import type { AssignmentRecord } from "./replica.ts";
import type { RolloutRecord } from "./rollout.ts";
import { type ServiceRecord, specOf } from "./service_record.ts";
import { type ClusterState, isMove } from "./state.ts";

/** Everything the store holds, after a start: nodes are waited for before anything is decided. */
export function applySnapshot(state: ClusterState, snapshot: Snapshot, atMs: number): void {
  state.loadedMs = atMs;
  state.cluster = snapshot.cluster;
  state.epoch = snapshot.epoch;
  state.revision = snapshot.revision;
  const rank = {
    service: 0,
    rollout: 1,
    node: 1,
    slot: 2,
    assignment: 3,
    receipt: 4,
    token: 4,
    join_token: 4,
    revocation: 4,
  };
  const records = snapshot.records.toSorted((a, b) => rank[a.record.type] - rank[b.record.type]);
  for (const { record, revision } of records) {
    putRecord(state, record, atMs);
    remember(state, record, revision);
  }
  for (const node of state.nodes.values()) if (!node.record.lost) state.unheard.add(node.record.id);
  // What was empty before this controller started is no news.
  toldEmpty(state, state.nodes.keys());
}

export function applyCommit(state: ClusterState, commit: Commit, atMs: number): Happening[] {
  const happenings = commit.changes.flatMap((change) => describe(state, change));
  const nodes = commit.changes.flatMap((change) => nodeOf(state, change) ?? []);
  for (const change of commit.changes) {
    if (change.op === "delete") {
      happenings.push(...deleteRecord(state, change.key));
      state.revisions.delete(change.key);
    } else {
      putRecord(state, change.record, atMs);
      remember(state, change.record, commit.revision);
    }
  }
  state.revision = commit.revision;
  return [...happenings, ...toldEmpty(state, nodes)];
}

/** The node that a change may leave empty. */
function nodeOf(state: ClusterState, change: Change): string | undefined {
  if (change.op === "put") return change.record.type === "node" ? change.record.id : undefined;
  return state.replicas.get(change.key.slice("assignment/".length))?.record.node;
}

function remember(state: ClusterState, record: StoreRecord, revision: number): void {
  const { type } = record;
  if (type === "service" || type === "node" || type === "assignment") state.revisions.set(keyOf(record), revision);
}

function putRecord(state: ClusterState, record: StoreRecord, atMs: number): void {
  switch (record.type) {
    case "service":
      return putService(state, record);
    case "rollout":
      return putRollout(state, record, atMs);
    case "node":
      return putNode(state, record, atMs);
    case "slot":
      state.services.get(record.service)?.homes.set(record.slot, record.node);
      return;
    case "assignment":
      return putAssignment(state, record, atMs);
    case "receipt":
    case "token":
    case "join_token":
    case "revocation":
      return;
    default:
      return record satisfies never;
  }
}

function putService(state: ClusterState, record: ServiceRecord): void {
  const known = state.services.get(record.name);
  const service = known ?? {
    record,
    rollout: undefined,
    homes: new Map(),
    slots: new Map(),
    missing: new Set(),
    attention: new Set(),
    successors: new Set(),
    ready: 0,
  };
  const before = service.record;
  service.record = record;
  state.services.set(record.name, service);
  const scaleOnly = known !== undefined && before.generation === record.generation &&
    before.removed === record.removed;
  const from = scaleOnly ? Math.min(before.desired, record.desired) : 0;
  const to = Math.max(before.desired, record.desired);
  for (let slot = from; slot < to; slot++) indexSlot(state, service, slot);
  for (const slot of service.slots.keys()) if (slot < from || slot >= to) indexSlot(state, service, slot);
  indexService(state, service);
  if (scaleOnly) return;
  state.endpointsChanged.add(record.name);
  // What changes in place reaches the replicas that run by their orders alone.
  for (const id of [...service.slots.values()].flat()) {
    const replica = state.replicas.get(id);
    if (replica !== undefined) state.ordersChanged.add(replica.record.node);
  }
}

function putRollout(state: ClusterState, record: RolloutRecord, atMs: number): void {
  const service = state.services.get(record.service);
  if (service === undefined) return;
  const isSame = service.rollout?.record.to === record.to && service.rollout.record.phase === record.phase;
  // What was paused gets its whole time again.
  const goesOn = isSame && service.rollout?.record.paused === record.paused;
  service.rollout = { record, progressMs: goesOn ? service.rollout?.progressMs ?? atMs : atMs };
  indexService(state, service);
  state.endpointsChanged.add(record.service);
}

function putNode(state: ClusterState, record: NodeRecord, atMs: number): void {
  const known = state.nodes.get(record.id);
  if (known !== undefined) {
    const renamed = known.record.name !== record.name;
    noteActivation(state, known, { record, atMs });
    reindexNode(state, known, () => {
      followDrain(known, record, atMs);
      known.record = record;
    });
    if (!renamed) return;
    unindexNode(state, known);
    indexNode(state, known);
    return;
  }
  // Its agent may still follow what it was told when another record stood for it.
  state.ordersChanged.add(record.id);
  indexNode(state, {
    record,
    liveness: "pending",
    sinceMs: atMs,
    missed: 0,
    heardMs: atMs,
    cause: undefined,
    leaving: false,
    drained: false,
    version: undefined,
    drain: drainOf(record, atMs),
    replicas: new Set(),
    perService: new Map(),
    going: new Map(),
    reserved: { cpu: 0, memory: 0 },
    nominal: { cpu: 0, memory: 0 },
  });
}

/** A node that takes replicas again may be due a share; one that is being emptied is not. */
function noteActivation(
  state: ClusterState,
  known: NodeState,
  { record: { id, draining }, atMs }: { record: NodeRecord; atMs: number },
): void {
  if (draining) state.balance.underfilled.delete(id);
  else if (known.record.draining) {
    nodeMayTakeMore(state.balance, id);
    noteHomeBack(state, id, atMs);
  }
}

function putAssignment(state: ClusterState, record: AssignmentRecord, atMs: number): void {
  const known = state.replicas.get(record.id);
  if (known !== undefined) {
    const isGivenUp = record.draining && !known.record.draining &&
      state.replicas.get(record.successor_of ?? "")?.record.draining === false;
    // What was moved for balance and is given up before it took over: to try it over and over would be no better.
    if (isGivenUp && isMove(state, known)) balanceReached(state.balance);
    unindexAssignment(state, known);
    known.record = record;
    indexAssignment(state, known);
    return;
  }
  const service = state.services.get(record.service);
  const resources = service === undefined ? { cpu: 0, memory: 0 } : specOf(service.record, record.generation).resources;
  const replica = {
    record,
    observed: undefined,
    sinceMs: atMs,
    strandedMs: atMs,
    readySinceMs: undefined,
    wasReady: false,
    resources,
  };
  state.replicas.set(record.id, replica);
  indexAssignment(state, replica);
}

function deleteRecord(state: ClusterState, key: string): Happening[] {
  const id = key.slice(key.indexOf("/") + 1);
  if (key.startsWith("service/")) {
    state.services.delete(id);
    state.touched?.services.add(id);
    state.unsettled.delete(id);
    state.endpointsChanged.add(id);
  } else if (key.startsWith("rollout/")) {
    const service = state.services.get(id);
    if (service !== undefined) service.rollout = undefined;
    state.touched?.services.add(id);
  } else if (key.startsWith("node/")) {
    return deleteNode(state, id);
  } else if (key.startsWith("slot/")) {
    const [service = "", slot] = id.split(".");
    state.services.get(service)?.homes.delete(Number(slot));
  } else if (key.startsWith("assignment/")) {
    deleteAssignment(state, id);
  }
  return [];
}

function deleteNode(state: ClusterState, id: string): Happening[] {
  const node = state.nodes.get(id);
  if (node === undefined) return [];
  const replicas = [...node.replicas].flatMap((replica) => state.replicas.get(replica) ?? []);
  for (const replica of replicas) {
    unindexAssignment(state, replica);
    replica.strandedMs = node.heardMs;
  }
  unindexNode(state, node);
  state.unheard.delete(id);
  state.balance.underfilled.delete(id);
  for (const replica of replicas) indexAssignment(state, replica);
  return nodeAccountedFor(state.massLoss, id, state.readyNodes) ? [movingGoesOn(state.readyNodes)] : [];
}

function deleteAssignment(state: ClusterState, id: string): void {
  const replica = state.replicas.get(id);
  if (replica === undefined) return;
  unindexAssignment(state, replica);
  noteLeft(state, replica.record.node);
  state.replicas.delete(id);
  const service = state.services.get(replica.record.service);
  if (service === undefined) return;
  indexSlot(state, service, replica.record.slot);
  // Of an exclusive service, those that were to begin once this one is gone.
  for (const mate of service.slots.get(replica.record.slot) ?? []) {
    state.ordersChanged.add(state.replicas.get(mate)?.record.node ?? replica.record.node);
  }
}
