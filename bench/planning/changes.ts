/**
 * Changes of a cluster, each applied, planned and committed as the controller's loop does it, and the time that takes.
 * @module
 */
import { apply } from "../../lib/cluster/apply.ts";
import { put } from "../../lib/cluster/record.ts";
import type { ClusterState } from "../../lib/cluster/state.ts";
import { release as releaseOf } from "../../lib/controller/change/release.ts";
import { commit, decide, observe, WALL } from "./cluster.ts";

const ROUNDS = 100;

/** Plays a change many times; gives the median of what deciding about it took, in milliseconds. */
export type Measured = (state: ClusterState) => number;

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
