/**
 * `deno run -A bench/core_bench.ts`: what deciding costs in the pure core. Two million replicas are placed on 6,100 nodes
 * at once; then, in a cluster of 10,000 nodes and 100,000 replicas, a node is lost and a replica crashes.
 * @module
 */
import { apply } from "../lib/cluster/apply.ts";
import { plan } from "../lib/plan/plan.ts";
import { clusterOf, decide, emptyCluster, observe } from "./planning/cluster.ts";

const BYTES_PER_MIB = 1_048_576;

function timed<T>(work: () => T): { result: T; ms: number } {
  const started = performance.now();
  const result = work();
  return { result, ms: performance.now() - started };
}

function median(samples: number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1]!;
}

function placeTwoMillion(): Record<string, string> {
  const state = emptyCluster({ nodes: 6_100, services: 1_000, desired: 2_000 });
  const { result, ms } = timed(() => plan(state, 2));
  const { rss, heapUsed } = Deno.memoryUsage();
  return {
    what: "2,000,000 replicas placed on 6,100 nodes",
    result: `${(ms / 1_000).toFixed(2)} s for ${result.actions.length} actions, heap ${
      Math.round(heapUsed / BYTES_PER_MIB)
    } MiB, RSS ${Math.round(rss / BYTES_PER_MIB)} MiB`,
  };
}

function disturb(): Record<string, string>[] {
  const state = clusterOf({ nodes: 10_000, services: 100, desired: 1_000 });
  const ids = [...state.nodes.keys()];
  const lost = ids.slice(0, 200).map((node, at) =>
    timed(() => {
      const nowMs = 100_000 * (at + 1);
      for (let miss = 1; miss <= 3; miss++) apply(state, { kind: "missed", node }, nowMs + 1_000 * miss);
      return decide(state, nowMs + 3_000);
    })
  );
  const replicas = [...state.replicas.keys()].slice(0, 2_000);
  const crashed = replicas.map((id) =>
    timed(() => {
      observe(state, id, { crashes: 1 });
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
