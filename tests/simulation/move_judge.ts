/**
 * Judges where replicas are begun and what is moved: nothing new comes to a node that comes and goes; what is moved for
 * balance has been where it is for long enough, and each move brings the whole nearer to even.
 * @module
 */
import type { Change } from "../../lib/cluster/record.ts";
import type { NodeState } from "../../lib/cluster/node.ts";
import { nameOf } from "../../lib/cluster/replica.ts";
import type { ClusterState } from "../../lib/cluster/state.ts";
import type { Court } from "./plan_judge.ts";
import { isToBeLeft } from "./rollout_arithmetic.ts";

/** For so long at least nothing new is begun on a node that was lost twice. */
const HELD_DOWN_MS = 30_000;

/** How a start for balance says why. */
const EVENS_OUT = "evens out";

export function judgeMoves(changes: readonly Change[], state: ClusterState, court: Court): void {
  const { nowMs, assignedMs, wrong } = court;
  const { rebalanceAfterMs } = state.placing;
  for (const change of changes) {
    if (change.op === "delete" || change.record.type !== "assignment" || change.record.draining) continue;
    const { successor_of: former, reason, node: to } = change.record;
    const moved = state.replicas.get(former ?? "")?.record;
    if (moved === undefined || !reason.startsWith(EVENS_OUT)) continue;
    const name = nameOf(moved);
    if (rebalanceAfterMs === undefined) wrong(13, `${name} is moved although nobody wants moves`);
    const stayedMs = nowMs - (assignedMs(moved.id) ?? 0);
    if (stayedMs < (rebalanceAfterMs ?? 0)) wrong(13, `${name} is moved after ${stayedMs} ms where it was`);
    if (isToBeLeft(state, to)) wrong(13, `${name} is moved to where nothing may stay`);
    const [much, little] = [moved.node, to].map((node) => carriedBy(state, { node, service: moved.service }));
    if ((much ?? 0) <= (little ?? 0)) wrong(13, `${name} is moved from ${much} to ${little} of its service`);
  }
}

/** Where a node comes and goes, nothing new is begun there for a while, as long as another one has room. */
export function judgePlaces(changes: readonly Change[], state: ClusterState, { nowMs, wrong }: Court): void {
  for (const change of changes) {
    if (change.op === "delete" || change.record.type !== "assignment") continue;
    const { node: id, id: replica, service, slot, successor_of: former } = change.record;
    const spec = state.services.get(service)?.record.spec;
    const node = state.nodes.get(id);
    if (node === undefined || spec === undefined || state.replicas.has(replica) || former !== null) continue;
    if (spec.data.per_slot || node.record.losses < 2 || nowMs - node.sinceMs >= HELD_DOWN_MS) continue;
    // Where its slot was is no choice, as it may be moved away from there; nor is a node that has told nothing of itself.
    const own = nameOf({ service, slot });
    const isOwn = (one: string) => [state.replicas.get(one)?.record].some((known) => known && nameOf(known) === own);
    const isOpen = (other: NodeState) =>
      other.liveness === "ready" && !other.leaving && !other.record.draining && other.record.losses < 2 &&
      other.record.identity !== null && ![...other.replicas].some(isOwn);
    if (spec.resources.cpu > 0 || !state.nodesByName.some(isOpen)) continue;
    wrong(13, `${service} is begun on ${node.record.name}, which was lost ${node.record.losses} times`);
  }
}

/** How many replicas of a service a node has, or is to have. */
function carriedBy({ replicas }: ClusterState, { node, service }: { node: string; service: string }): number {
  return [...replicas.values()].filter(({ record }) => record.node === node && record.service === service).length;
}
