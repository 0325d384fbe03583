/**
 * Why a service is as it is, in words that an operator can act on: from the state and the last plan's waits alone, so
 * that what is said is what was decided by. `explain_replica.ts` and `explain_node.ts` do the same for those.
 * @module
 */
import type { NodeState } from "../cluster/node.ts";
import { isReady, nameOf, phaseOf, type ReplicaState } from "../cluster/replica.ts";
import { isUnderWay } from "../cluster/rollout.ts";
import type { ServiceRecord } from "../cluster/service_record.ts";
import { type ClusterState, homeOf, isRecovering, type ServiceState } from "../cluster/state.ts";
import type { Wait } from "./action.ts";
import { Placer } from "./place.ts";
import { boundTo } from "./reason.ts";

/** What explaining goes by. `version` is the controller's own. */
export interface Sight {
  state: ClusterState;
  waits: readonly Wait[];
  nowMs: number;
  version: string;
}

/** Why each node does not take one more replica. */
export interface NodeReason {
  node: string;
  reason: string;
}

export interface Explanation {
  /** How it stands, in one line. */
  summary: string;
  because: string[];
  /** Where a replica is, since when in monotonic milliseconds, and why there. */
  placement?: { node: string; sinceMs: number; reason: string };
  /** For what is not placed: every node with its own reason. */
  nodes?: NodeReason[];
  /** What brings the present generation about, where that is under way or has failed. */
  rollout?: string;
  waits: string[];
}

/** Slots that are told of one by one. */
const SLOTS_MAX = 100;

export function explainService(sight: Sight, service: ServiceState): Explanation {
  const { record, ready, slots } = service;
  const own = sight.waits.filter((wait) => wait.service === record.name);
  const waits = own.map(waitWords);
  const assigned = [...slots.values()].reduce((sum, ids) => sum + ids.length, 0);
  const rollout = rolloutWords(service);
  const because = [
    ...(record.removed ? ["it is being removed, and goes with its last replica"] : []),
    `generation ${record.generation} is wanted ${record.desired} times: ${assigned} assigned, ${ready} ready`,
    ...generationsMixed(sight.state, service),
    ...holds(sight),
    ...(rollout === undefined ? [] : [rollout]),
    ...slotLines(sight, service),
  ];
  const unplaced = service.missing.size > 0 || own.some(({ kind }) => kind === "blocked");
  return {
    summary: summaryOf(sight, service, own),
    because,
    ...(unplaced ? { nodes: refusalsFor(sight, record) } : {}),
    ...(rollout === undefined ? {} : { rollout }),
    waits,
  };
}

/** Every node with why it takes no more of the service, or that it would. */
export function refusalsFor({ state, nowMs }: Sight, service: ServiceRecord, home?: NodeState): NodeReason[] {
  return new Placer(state, nowMs).refusals(service).map(({ node, reason }) => ({
    node: node.record.name,
    reason: home !== undefined && node !== home ? boundTo(home) : reason ?? "it has room",
  }));
}

/** What a wait says, with whose it is. */
export function waitWords(wait: Omit<Wait, "kind">): string {
  return `${nameOf(wait)} waits: ${wait.reason}`;
}

/** What keeps everything from being decided. */
export function holds({ state, nowMs }: Sight): string[] {
  const unheard = state.nodesByName.filter(({ record }) => state.unheard.has(record.id)).map(({ record }) =>
    record.name
  );
  return [
    ...(isRecovering(state, nowMs)
      ? [`nothing is decided until these nodes have said what runs on them: ${unheard.join(", ")}`]
      : []),
    ...(state.massLoss.active
      ? ["most nodes went away together: replicas of lost nodes are not moved until they return or are removed"]
      : []),
  ];
}

/** How one replica stands, without its name. */
export function standing(sight: Sight, replica: ReplicaState): string {
  const { record, observed } = replica;
  const node = sight.state.nodes.get(record.node);
  const on = `on ${node?.record.name ?? "a removed node"}`;
  const phase = phaseOf(replica, node);
  if (record.draining) return `${on}, is being stopped (${phase}): ${record.reason}`;
  if (isReady(replica, node)) return `${on}, ready`;
  if (phase === "lost") return `${on}, lost with its node`;
  const why = observed?.reason || (observed === undefined ? "its agent has said nothing of it yet" : "");
  return `${on}, ${phase === "running" ? "running but not ready" : phase}${why === "" ? "" : `: ${why}`}`;
}

function summaryOf(sight: Sight, service: ServiceState, own: readonly Wait[]): string {
  const { record, ready } = service;
  const count = `${ready} of ${record.desired} ready`;
  const wait = own.find(({ kind }) => kind === "blocked") ?? own[0];
  if (wait !== undefined) return `${count}: ${waitWords(wait)}`;
  const unready = replicasBySlot(sight.state, service).find((replica) =>
    !replica.record.draining && !isReady(replica, sight.state.nodes.get(replica.record.node))
  );
  if (unready !== undefined) return `${count}: ${nameOf(unready.record)} is ${standing(sight, unready)}`;
  const [hold] = holds(sight);
  if (hold !== undefined) return `${count}: ${hold}`;
  if (isUnderWay(service.rollout)) return `${count}: ${rolloutWords(service)}`;
  return ready >= record.desired ? `${count}: all is as it is wanted` : `${count}: the rest is about to be placed`;
}

function rolloutWords({ rollout }: ServiceState): string | undefined {
  if (rollout === undefined) return undefined;
  const { cause, to, phase, paused, reason } = rollout.record;
  // Why it runs what it ran before is worth knowing also when that is done.
  if (phase === "done") return cause === "rollback" ? `it was rolled back: ${reason}` : undefined;
  return `the ${cause} to generation ${to} is ${phase}${paused ? ", and paused" : ""}: ${reason}`;
}

function generationsMixed(state: ClusterState, service: ServiceState): string[] {
  const counts = new Map<number, number>();
  for (const { record } of replicasBySlot(state, service)) {
    if (!record.draining) counts.set(record.generation, (counts.get(record.generation) ?? 0) + 1);
  }
  if (counts.size < 2) return [];
  const words = [...counts].sort(([a], [b]) => a - b).map(([generation, count]) => `${count} of ${generation}`);
  return [`replicas of several generations run: ${words.join(", ")}`];
}

function slotLines(sight: Sight, service: ServiceState): string[] {
  const { record, slots } = service;
  const all = new Set([...Array(record.desired).keys(), ...slots.keys()]);
  const lines = [...all].sort((a, b) => a - b).slice(0, SLOTS_MAX).map((slot) => slotLine(sight, service, slot));
  return all.size > SLOTS_MAX ? [...lines, `and ${all.size - SLOTS_MAX} more`] : lines;
}

function slotLine(sight: Sight, service: ServiceState, slot: number): string {
  const { state, waits } = sight;
  const name = nameOf({ service: service.record.name, slot });
  const replicas = (service.slots.get(slot) ?? []).flatMap((id) => state.replicas.get(id) ?? []);
  if (replicas.length > 0) return `${name}: ${replicas.map((replica) => standing(sight, replica)).join("; ")}`;
  // One wait may speak for all slots of the service.
  const wait = waits.find((one) => one.service === service.record.name && one.slot === slot) ??
    waits.find((one) =>
      one.service === service.record.name &&
      homeOf(state, service, { slot, generation: service.record.generation }) === undefined
    );
  return `${name}: not placed: ${wait?.reason ?? "it is about to be"}`;
}

function replicasBySlot(state: ClusterState, { slots }: ServiceState): ReplicaState[] {
  return [...slots].sort(([a], [b]) => a - b).flatMap(([, ids]) => ids.flatMap((id) => state.replicas.get(id) ?? []));
}
