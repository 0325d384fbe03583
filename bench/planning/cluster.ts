/**
 * A cluster in memory for benches of deciding: nodes and services as a store would hold them, decisions committed as the
 * loop does it, and agents that say what a bench wants to hear.
 * @module
 */
import { apply } from "../../lib/cluster/apply.ts";
import type { Change, StoredRecord } from "../../lib/cluster/record.ts";
import { ServiceSpec } from "../../lib/cluster/service.ts";
import { firstGeneration } from "../../lib/cluster/service_record.ts";
import { type ClusterState, emptyState } from "../../lib/cluster/state.ts";
import { newNode } from "../../lib/controller/loop/node_record.ts";
import { transactionOf } from "../../lib/controller/loop/transaction.ts";
import { plan } from "../../lib/plan/plan.ts";
import { seededRandom } from "../../lib/runtime/random.ts";

export const WALL = "2030-01-01T00:00:00.000Z";
const random = seededRandom(1);

interface Size {
  nodes: number;
  services: number;
  /** Replicas of each service. */
  desired: number;
}

/** Nodes that are ready, and services of which nothing is placed yet. */
export function emptyCluster({ nodes, services, desired }: Size): ClusterState {
  const state = emptyState({ misses: 3, lostAfterMs: 3_000 });
  const records: StoredRecord[] = [];
  for (let at = 0; at < nodes; at++) {
    const agent = { identity: random.uuid(), name: `n${at}`, labels: {}, capacity: { cpu: 64, memory: 262_144 } };
    records.push({ record: newNode(random.uuid(), `http://n${at}:9090`, agent), revision: 1 });
  }
  for (let at = 0; at < services; at++) {
    const spec = ServiceSpec.parse({ name: `s${at}`, command: ["sleep"], replicas: desired });
    records.push({ record: firstGeneration(spec), revision: 1 });
  }
  apply(state, { kind: "loaded", snapshot: { cluster: random.uuid(), epoch: 1, revision: 1, records } }, 0);
  for (const node of [...state.nodes.keys()]) {
    apply(state, { kind: "heard", node, version: "1", leaving: false }, 1);
    apply(state, { kind: "snapshot", node, replicas: [] }, 1);
  }
  return state;
}

/** A cluster in which all is well. */
export function clusterOf(size: Size): ClusterState {
  const state = emptyCluster(size);
  decide(state, 2);
  for (const id of state.replicas.keys()) observe(state, id, { crashes: 0 });
  return state;
}

/** Decides, and commits what was decided. Returns how many changes that were. */
export function decide(state: ClusterState, nowMs: number): number {
  const { actions } = plan(state, nowMs);
  const { changes } = transactionOf(state, actions, { random, wall: WALL });
  if (changes.length > 0) commit(state, changes);
  return changes.length;
}

export function commit(state: ClusterState, changes: Change[]): void {
  apply(state, { kind: "committed", commit: { revision: state.revision + 1, changes } }, 2);
}

/** A replica is well, or has crashed so often. */
export function observe(state: ClusterState, id: string, { crashes }: { crashes: number }): void {
  const { record } = state.replicas.get(id)!;
  const ready = crashes === 0;
  const observation = {
    replica: id,
    service: record.service,
    slot: record.slot,
    instance: id,
    phase: ready ? "running" as const : "exited" as const,
    ready,
    pid: ready ? 1 : null,
    port: ready ? 20_000 : null,
    ports: {},
    started_at: null,
    restarts: crashes,
    crashes,
    exit: null,
    reason: "",
    last_words: [],
  };
  apply(state, { kind: "observed", node: record.node, observation }, 3);
}
