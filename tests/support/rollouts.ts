/**
 * A service "web" in the hand of a test, with releases as the API begins them, and what can be asked about how they go.
 * @module
 */
import { endpointsOf } from "../../lib/cluster/endpoint.ts";
import type { RolloutCause } from "../../lib/cluster/rollout.ts";
import { release } from "../../lib/controller/change/release.ts";
import { service, type SpecFields, specNamed, wallAt } from "./builders.ts";
import { LittleCluster } from "./little_cluster.ts";

export const WEB: SpecFields = { update: { min_healthy: "5s" } };

/** Begins a release, or a restart of what runs. */
export function rollOut(cluster: LittleCluster, fields: SpecFields, cause: RolloutCause = "release"): void {
  const { record } = cluster.state.services.get("web")!;
  const env = { RELEASE: cause === "restart" ? "1" : String(record.generation + 1) };
  const spec = { ...specNamed("web", { ...fields, env }), replicas: record.desired };
  cluster.commit(release(cluster.state, spec, { at: wallAt(0), by: "ada", cause }).changes);
}

/** Nodes with so many replicas, all of them ready. */
export function web(replicas: number, fields: SpecFields = WEB, nodes = 3): LittleCluster {
  const cluster = LittleCluster.of(nodes, service("web", replicas, { ...fields, env: { RELEASE: "1" } }));
  cluster.settle();
  cluster.story.length = 0;
  return cluster;
}

export function phaseOf(cluster: LittleCluster): string | undefined {
  return cluster.state.services.get("web")?.rollout?.record.phase;
}

/** The generation of each replica, by slot. */
export function generationsOf(cluster: LittleCluster): number[] {
  return cluster.replicas("web").map(({ record }) => record.generation);
}

/** The generation of each replica that gets requests. */
export function servingOf(cluster: LittleCluster): number[] {
  return endpointsOf(cluster.state, "web").map(({ replica }) => cluster.state.replicas.get(replica)!.record.generation);
}

/** Why what should be done isn't, by slot. */
export function waitsOf(cluster: LittleCluster): string[] {
  return cluster.plan().waits.map(({ slot, reason }) => `${slot}: ${reason}`);
}
