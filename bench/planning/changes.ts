/**
 * Changes of a cluster, each applied, planned and committed as the controller's loop does it, and the time that takes.
 * @module
 */
import { apply } from "../../lib/cluster/apply.ts";
import { type Change, put, type StoredRecord } from "../../lib/cluster/record.ts";
import { ServiceSpec } from "../../lib/cluster/service.ts";
import { firstGeneration } from "../../lib/cluster/service_record.ts";
import { type ClusterState, emptyState } from "../../lib/cluster/state.ts";
import { newNode } from "../../lib/controller/node_record.ts";
import { release as releaseOf } from "../../lib/controller/release.ts";
import { transactionOf } from "../../lib/controller/transaction.ts";
import { plan } from "../../lib/plan/plan.ts";
import { seededRandom } from "../../lib/runtime/random.ts";

const ROUNDS = 100;
const WALL = "2030-01-01T00:00:00.000Z";
const random = seededRandom(1);

/** Plays a change many times; gives the median of what deciding about it took, in milliseconds. */
export type Measured = (state: ClusterState) => number;

interface Size {
  nodes: number;
  services: number;
  /** Replicas of each service. */
  desired: number;
}

/** A cluster in which all is well. */
export function clusterOf({ nodes, services, desired }: Size): ClusterState {
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
  decide(state, 2);
  for (const id of state.replicas.keys()) observe(state, id, { crashes: 0 });
  return state;
}

export function crash(state: ClusterState): number {
  const replicas = [...state.replicas.keys()];
  return medianOf((round) => {
    observe(state, replicas[round]!, { crashes: 1 });
    decide(state, 1_000);
  });
}

export function scaleByOne(state: ClusterState): number {
  return medianOf((round) => {
    const { record } = state.services.get(`s${round % state.services.size}`)!;
    commit(state, [put({ ...record, desired: record.desired + 1 })]);
    decide(state, 1_000);
  });
}

/** A new generation is accepted, and the first of its replicas gets its place. */
export function release(state: ClusterState): number {
  return medianOf((round) => {
    const { record } = state.services.get(`s${round % state.services.size}`)!;
    const spec = { ...record.spec, env: { ROUND: String(round) } };
    commit(state, releaseOf(state, spec, { at: WALL, by: null, cause: "release" }).changes);
    decide(state, 1_000);
  }, Math.min(ROUNDS, state.services.size));
}

export function loseNode(state: ClusterState): number {
  const nodes = [...state.nodes.keys()];
  // One at a time and long apart: together they would be a mass loss.
  return medianOf((round) => {
    const sinceMs = 100_000 * (round + 1);
    for (let miss = 1; miss <= 3; miss++) {
      apply(state, { kind: "missed", node: nodes[round]! }, sinceMs + 1_000 * miss);
    }
    decide(state, sinceMs + 3_000);
  }, Math.floor(nodes.length / 4));
}

function medianOf(change: (round: number) => void, rounds = ROUNDS): number {
  const times = Array.from({ length: Math.min(rounds, ROUNDS) }, (_, round) => {
    const sinceMs = performance.now();
    change(round);
    return performance.now() - sinceMs;
  });
  return times.toSorted((a, b) => a - b)[times.length >> 1]!;
}

function decide(state: ClusterState, nowMs: number): void {
  const { actions } = plan(state, nowMs);
  const { changes } = transactionOf(state, actions, { random, wall: WALL });
  if (changes.length > 0) commit(state, changes);
}

function commit(state: ClusterState, changes: Change[]): void {
  apply(state, { kind: "committed", commit: { revision: state.revision + 1, changes } }, 2);
}

function observe(state: ClusterState, id: string, { crashes }: { crashes: number }): void {
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
