/**
 * What a commit means to people: what the operator did to nodes, services and replicas. What was decided is told by who
 * decided it.
 * @module
 */
import { describeNode } from "./drain.ts";
import type { Happening } from "./event.ts";
import type { Change } from "./record.ts";
import { type AssignmentRecord, nameOf } from "./replica.ts";
import type { RolloutRecord } from "./rollout.ts";
import type { ClusterState } from "./state.ts";

/** What a change means to people; told before it is applied, while the former record is still known. */
export function describe(state: ClusterState, change: Change): Happening[] {
  if (change.op === "delete") {
    const node = change.key.startsWith("node/") ? state.nodes.get(change.key.slice("node/".length)) : undefined;
    if (node === undefined) return [];
    return [{
      kind: "node_removed",
      severity: "info",
      text: `node ${node.record.name} was removed`,
      node: node.record.id,
    }];
  }
  const { record } = change;
  if (record.type === "node" && !state.nodes.has(record.id)) {
    return [{
      kind: "node_added",
      severity: "info",
      text: `node ${record.name} (${record.url}) was added`,
      node: record.id,
    }];
  }
  const known = record.type === "node" ? state.nodes.get(record.id) : undefined;
  if (record.type === "node" && known !== undefined) return describeNode(known, record);
  if (record.type === "assignment") return describeRestart(state, record);
  if (record.type === "rollout") return describeSteering(state, record);
  if (record.type !== "service") return [];
  const before = state.services.get(record.name)?.record;
  if (record.removed) {
    return [{ kind: "service_removed", severity: "info", text: `${record.name} is removed`, service: record.name }];
  }
  if (before?.generation !== record.generation) {
    const what = record.changes.length === 0 ? "" : `: ${record.changes.join(", ")}`;
    const text = `${record.name} is at generation ${record.generation}${what}`;
    return [{ kind: "service_changed", severity: "info", text, service: record.name }];
  }
  if (before.desired === record.desired) return [];
  const text = `${record.name} is scaled from ${before.desired} to ${record.desired}`;
  return [{ kind: "service_scaled", severity: "info", text, service: record.name }];
}

/** What somebody makes of a rollout that is under way; its begin and its end are told by who decides them. */
function describeSteering(state: ClusterState, record: RolloutRecord): Happening[] {
  const before = state.services.get(record.service)?.rollout?.record;
  if (before === undefined || before.to !== record.to) return [];
  const { service, reason, to } = record;
  const told = (kind: string, what: string): Happening[] => [
    { kind, severity: "info", text: `the rollout of ${service} to generation ${to} ${what}: ${reason}`, service },
  ];
  if (before.phase === "canary" && record.phase === "rolling") {
    return told("rollout_promoted", "goes on with all replicas");
  }
  if (before.paused === record.paused) return [];
  return record.paused ? told("rollout_paused", "stands still") : told("rollout_resumed", "goes on");
}

function describeRestart(state: ClusterState, record: AssignmentRecord): Happening[] {
  const before = state.replicas.get(record.id)?.record;
  if (before === undefined || before.restart_seq === record.restart_seq) return [];
  const on = state.nodes.get(record.node)?.record.name ?? "a removed node";
  const text = `${nameOf(record)} on ${on} is restarted in place, as an operator asked for it`;
  const { service, node, id } = record;
  return [{ kind: "replica_restarting", severity: "info", text, service, node, replica: id }];
}
