/**
 * `deno run -A bench/core_bench.ts`: what deciding costs in the pure core. Two million replicas are placed on 6,100 nodes
 * at once; then, in a cluster of 10,000 nodes and 100,000 replicas, a node is lost and a replica crashes.
 * @module
 */
import { apply } from "../lib/cluster/apply.ts";
import type { StoredRecord } from "../lib/cluster/record.ts";
import { ServiceSpec } from "../lib/cluster/service.ts";
import { defaultService, type ServiceRecord } from "../lib/cluster/service_record.ts";
import { type ClusterState, emptyState } from "../lib/cluster/state.ts";
import { newNode } from "../lib/controller/node_record.ts";
import { transactionOf } from "../lib/controller/transaction.ts";
import { plan } from "../lib/plan/plan.ts";
import { seededRandom } from "../lib/runtime/random.ts";

const BYTES_PER_MIB = 1_048_576;
const random = seededRandom(1);

/** A cluster of ready nodes and services that are wanted at this scale. */
function cluster({ nodes, services, desired }: { nodes: number; services: number; desired: number }): ClusterState {
  const state = emptyState({ misses: 3, lostAfterMs: 3_000 });
  const records: StoredRecord[] = [];
  for (let at = 0; at < nodes; at++) {
    const agent = { identity: random.uuid(), name: `n${at}`, labels: {}, capacity: { cpu: 64, memory: 262_144 } };
    records.push({ record: newNode(random.uuid(), `http://n${at}:9090`, agent), revision: 1 });
  }
  for (let at = 0; at < services; at++) {
    const spec = ServiceSpec.parse({ name: `s${at}`, command: ["sleep"], replicas: 0 });
    const record: ServiceRecord = { ...defaultService(), name: spec.name, spec, desired };
    records.push({ record, revision: 1 });
  }
  apply(state, { kind: "loaded", snapshot: { cluster: random.uuid(), epoch: 1, revision: 1, records } }, 0);
  for (const node of [...state.nodes.keys()]) {
    apply(state, { kind: "heard", node, version: "1", leaving: false }, 1);
    apply(state, { kind: "snapshot", node, replicas: [] }, 1);
  }
  return state;
}

function timed<T>(work: () => T): { result: T; ms: number } {
  const started = performance.now();
  const result = work();
  return { result, ms: performance.now() - started };
}

function median(samples: number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1]!;
}

function placeTwoMillion(): Record<string, string> {
  const state = cluster({ nodes: 6_100, services: 1_000, desired: 2_000 });
  const { result, ms } = timed(() => plan(state, 2));
  const { rss, heapUsed } = Deno.memoryUsage();
  return {
    what: "2,000,000 replicas placed on 6,100 nodes",
    result: `${(ms / 1_000).toFixed(2)} s for ${result.actions.length} actions, heap ${
      Math.round(heapUsed / BYTES_PER_MIB)
    } MiB, RSS ${Math.round(rss / BYTES_PER_MIB)} MiB`,
  };
}

/** Commits a plan as the loop would, and lets every replica be ready. */
function settle(state: ClusterState): void {
  const { actions } = plan(state, 2);
  const { changes } = transactionOf(state, actions, { random, wall: "2030-01-01T00:00:00.000Z" });
  apply(state, { kind: "committed", commit: { revision: state.revision + 1, changes } }, 2);
  for (const replica of state.replicas.values()) observe(state, replica.record.id, "running");
}

function observe(state: ClusterState, id: string, phase: "running" | "exited", crashes = 0): void {
  const { record } = state.replicas.get(id)!;
  const ready = phase === "running";
  apply(state, {
    kind: "observed",
    node: record.node,
    observation: {
      replica: id,
      service: record.service,
      slot: record.slot,
      instance: id,
      phase,
      ready,
      pid: ready ? 1 : null,
      ports: {},
      port: ready ? 20_000 : null,
      started_at: null,
      restarts: crashes,
      crashes,
      exit: null,
      reason: "",
      last_words: [],
    },
  }, 3);
}

function disturb(): Record<string, string>[] {
  const state = cluster({ nodes: 10_000, services: 100, desired: 1_000 });
  settle(state);
  const ids = [...state.nodes.keys()];
  const lost = ids.slice(0, 200).map((node, at) =>
    timed(() => {
      const nowMs = 100_000 * (at + 1);
      for (let miss = 1; miss <= 3; miss++) apply(state, { kind: "missed", node }, nowMs + 1_000 * miss);
      const { actions } = plan(state, nowMs + 3_000);
      const { changes } = transactionOf(state, actions, { random, wall: "2030-01-01T00:00:00.000Z" });
      apply(state, { kind: "committed", commit: { revision: state.revision + 1, changes } }, nowMs + 3_000);
      return changes.length;
    })
  );
  const replicas = [...state.replicas.keys()].slice(0, 2_000);
  const crashed = replicas.map((id) =>
    timed(() => {
      observe(state, id, "exited", 1);
      return plan(state, 30_000_000).actions.length;
    })
  );
  const changes = lost.reduce((sum, { result }) => sum + result, 0) / lost.length;
  return [
    {
      what: "a lost node of 10,000 (100,000 replicas) applied, planned and committed",
      result: `${median(lost.map(({ ms }) => ms)).toFixed(2)} ms (median of 200; ${changes.toFixed(1)} changes each)`,
    },
    {
      what: "a crashed replica of 100,000 applied and planned",
      result: `${(median(crashed.map(({ ms }) => ms)) * 1_000).toFixed(0)} µs (median of 2,000)`,
    },
  ];
}

if (import.meta.main) {
  for (const { what, result } of [placeTwoMillion(), ...disturb()]) console.log(`${what}: ${result}`);
}
