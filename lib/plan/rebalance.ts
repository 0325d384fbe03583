/**
 * A node that was added, came back or takes replicas again gets its share of what runs: of services about which nothing
 * else is to be decided, by successors that take over once they are ready, a few at a time. In an even cluster nothing is
 * moved.
 * @module
 */
import type { BalanceFound } from "../cluster/balance.ts";
import { holdDownMs, type NodeState } from "../cluster/node.ts";
import type { ReplicaState } from "../cluster/replica.ts";
import { type ClusterState, isMove, type ServiceState } from "../cluster/state.ts";
import { findMove, type Move, type Scope } from "./balance_move.ts";
import { type Draft, start } from "./draft.ts";
import { unfitness } from "./fit.ts";
import { Placer } from "./place.ts";

/** Moves under way at once, each of another service. */
const MOVES_MAX = 2;
/** For so long a node is ready before anything is moved to it, unless moves may come sooner or the operator asks. */
const SETTLED_MS = 30_000;
/** So many replicas are looked at in one plan; the rest with the next ones, lest one plan takes long. */
const LOOKED_AT_MAX = 10_000;
/** Moves that a dry run tells at most. */
const MOVES_TOLD_MAX = 100;

/** Begins what evens the cluster out. Returns what was found where it was looked at and nothing is to be moved now. */
export function rebalance(draft: Draft): BalanceFound | undefined {
  const { state, nowMs } = draft;
  const { balance, placing: { rebalanceAfterMs }, massLoss } = state;
  if (balance.underfilled.size === 0 || (rebalanceAfterMs === undefined && !balance.asked)) return undefined;
  if (draft.actions.length > 0 || massLoss.active || isMoving(state)) return undefined;
  const earliestMs = Math.max(balance.dueMs, massLoss.returningUntilMs);
  if (nowMs < earliestMs) {
    draft.wakeAt(earliestMs);
    return undefined;
  }
  const { targets, nextMs } = targetsOf(draft);
  const ageMs = balance.asked ? 0 : rebalanceAfterMs ?? 0;
  const scope = { state, placer: draft.placer(), targets, sinceMaxMs: nowMs - ageMs, moved: new Set<string>() };
  let { after } = balance;
  let againMs = Math.min(balance.againMs, nextMs);
  let looked = 0;
  let begun = 0;
  for (const service of targets.length === 0 ? [] : servicesOf(state, after)) {
    if (begun === MOVES_MAX || looked > LOOKED_AT_MAX) break;
    looked += service.record.desired;
    if (state.unsettled.has(service.record.name)) {
      // It may be so for long, and then be due to be evened out.
      againMs = Math.min(againMs, nowMs + SETTLED_MS);
      after = service.record.name;
      continue;
    }
    const found = findMove(scope, service);
    if (found === undefined || "youngestMs" in found) {
      if (found !== undefined) againMs = Math.min(againMs, found.youngestMs + ageMs);
      after = service.record.name;
      continue;
    }
    const { move: { replica, to, reason } } = found;
    start(draft, {
      replica,
      node: to,
      successor: true,
      generation: service.record.generation,
      reason: `evens out: ${reason}`,
    });
    take(scope, service, found.move);
    begun += 1;
  }
  if (begun > 0) return undefined;
  const isPartial = looked > LOOKED_AT_MAX;
  if (!isPartial && againMs === Infinity) return { kind: "even" };
  const later = isPartial ? { dueMs: nowMs, after, againMs } : { dueMs: againMs, after: undefined, againMs: Infinity };
  draft.wakeAt(later.dueMs);
  return { kind: "later", ...later };
}

/** Whether what was begun for balance has yet to come to its end. */
function isMoving(state: ClusterState): boolean {
  return [...state.unsettled].some((name) =>
    [...state.services.get(name)?.successors ?? []].some((id) => {
      const successor = state.replicas.get(id);
      return successor !== undefined && isMove(state, successor);
    })
  );
}

export interface ToldMove extends Pick<Move, "from" | "to" | "gain" | "reason"> {
  replica: ReplicaState;
}

/** What would be moved one after the other to even out all nodes, however long replicas were where they are. */
export function explainBalance(state: ClusterState, nowMs: number): ToldMove[] {
  const targets = state.nodesByName.filter((node) => unfitness(node) === undefined && dueOf(node, 0) <= nowMs);
  const moved = new Set<string>();
  const scope: Scope = { state, placer: new Placer(state, nowMs), targets, sinceMaxMs: nowMs, moved };
  const moves: ToldMove[] = [];
  let before = -1;
  while (before < moves.length && moves.length < MOVES_TOLD_MAX) {
    before = moves.length;
    for (const service of servicesOf(state)) {
      if (state.unsettled.has(service.record.name)) continue;
      const found = findMove(scope, service);
      if (found === undefined || !("move" in found) || moves.length === MOVES_TOLD_MAX) continue;
      moves.push(found.move);
      moved.add(found.move.replica.record.id);
      take(scope, service, found.move);
    }
  }
  return moves;
}

/** By name, those that come after one. */
function servicesOf(state: ClusterState, after = ""): ServiceState[] {
  return [...state.services.keys()].filter((name) => name > after).sort().flatMap((name) =>
    state.services.get(name) ?? []
  );
}

/** Counts a move as done. */
function take({ placer: { room } }: Scope, { record }: ServiceState, { from, to }: Move): void {
  room.take(from, record);
  room.put(to, record);
}

/** The nodes that may be given something now, and when the next one may. */
function targetsOf({ state, nowMs }: Draft): { targets: NodeState[]; nextMs: number } {
  const { balance: { asked, underfilled }, placing: { rebalanceAfterMs } } = state;
  const settledMs = asked ? 0 : Math.min(SETTLED_MS, rebalanceAfterMs ?? SETTLED_MS);
  const targets: NodeState[] = [];
  let nextMs = Infinity;
  for (const node of state.nodesByName) {
    if (!underfilled.has(node.record.id)) continue;
    const dueMs = dueOf(node, settledMs);
    if (node.liveness !== "ready" || unfitness(node) !== undefined) nextMs = Math.min(nextMs, nowMs + SETTLED_MS);
    else if (nowMs < dueMs) nextMs = Math.min(nextMs, dueMs);
    else targets.push(node);
  }
  return { targets, nextMs };
}

function dueOf(node: NodeState, settledMs: number): number {
  return node.sinceMs + Math.max(settledMs, holdDownMs(node.record.losses));
}
