/**
 * The one move of a service that evens most out: from a value of its label, or from a node, with two replicas more than
 * another one has, or from a node that is clearly more loaded. Each move brings the whole nearer to even and none brings
 * it further away, so that moves come to an end.
 * @module
 */
import { nominalSize } from "../cluster/indexes.ts";
import type { NodeState } from "../cluster/node.ts";
import { isReady, type ReplicaState } from "../cluster/replica.ts";
import type { ClusterState, ServiceState } from "../cluster/state.ts";
import { takesTurns } from "../cluster/surroundings.ts";
import { preference, unfitness } from "./fit.ts";
import type { Placer } from "./place.ts";
import { labelOf } from "./rank.ts";

/** Nodes that differ by less in load are as good as each other. */
const LOAD_GAP_MIN = 0.1;
/** Of so many pairs of nodes the best one is taken; those where most is to be gained are looked at first. */
const PAIRS_MAX = 10_000;

export interface Move {
  replica: ReplicaState;
  from: NodeState;
  to: NodeState;
  /** For a label or nodes: by how many replicas the two are nearer to each other. For load: by which share. */
  gain: number;
  reason: string;
}

/** Where and what may be moved. */
export interface Scope {
  state: ClusterState;
  placer: Placer;
  targets: readonly NodeState[];
  /** A replica that came later than this to its node stays for now. */
  sinceMaxMs: number;
  /** Replicas that were moved in thought already. */
  moved: ReadonlySet<string>;
}

/** A move, or when the first replica that could be moved is there for long enough. */
export type Found = { move: Move } | { youngestMs: number } | undefined;

export function findMove(scope: Scope, service: ServiceState): Found {
  const { record } = service;
  const { placement } = record.spec;
  const isFixed = record.removed || takesTurns(record.spec) || placement.sticky || placement.strategy === "binpack";
  if (isFixed) return undefined;
  const movable = movableOf(scope, service);
  if (movable.size === 0) return undefined;
  const sides = sidesOf(scope, service);
  const donors = [...movable.keys()].map(sides).sort((a, b) => -bySpread(a, b) || byName(a, b));
  const targets = scope.targets.map(sides).sort((a, b) => bySpread(a, b) || byName(a, b));
  let best: Rated | undefined;
  let youngestMs = Infinity;
  let pairs = 0;
  for (const to of targets) {
    for (const from of donors) {
      if ((pairs += 1) > PAIRS_MAX) break;
      const rated = rate(scope, service, { from, to });
      if (rated === undefined || (best !== undefined && !isBetter(rated, best))) continue;
      if (likingOf(scope, service, from) > likingOf(scope, service, to)) continue;
      if (scope.placer.refusal(to.node, record) !== undefined) continue;
      const replica = movable.get(from.node)?.findLast(({ sinceMs }) => sinceMs <= scope.sinceMaxMs);
      if (replica !== undefined) best = { ...rated, replica };
      else for (const { sinceMs } of movable.get(from.node) ?? []) youngestMs = Math.min(youngestMs, sinceMs);
    }
  }
  if (best?.replica !== undefined) return { move: moveOf(best, best.replica) };
  return youngestMs === Infinity ? undefined : { youngestMs };
}

/** What runs well and alone in its slot, by node; the youngest slots last. */
function movableOf({ state, moved }: Scope, service: ServiceState): Map<NodeState, ReplicaState[]> {
  const movable = new Map<NodeState, ReplicaState[]>();
  for (let slot = 0; slot < service.record.desired; slot++) {
    const ids = service.slots.get(slot);
    const replica = ids?.length === 1 ? state.replicas.get(ids[0]!) : undefined;
    const node = replica && state.nodes.get(replica.record.node);
    if (replica === undefined || node === undefined || moved.has(replica.record.id)) continue;
    if (replica.record.draining || !isReady(replica, node)) continue;
    if (node.liveness !== "ready" || unfitness(node) !== undefined) continue;
    const known = movable.get(node);
    if (known === undefined) movable.set(node, [replica]);
    else known.push(replica);
  }
  return movable;
}

/** A node as one end of a move. */
interface Side {
  node: NodeState;
  value: string | undefined;
  /** How many replicas of the service there are with its value of the label; 0 where no label counts. */
  ofValue: number;
  carried: number;
  load: number;
}

function sidesOf({ state, placer }: Scope, { record }: ServiceState): (node: NodeState) => Side {
  const label = record.spec.placement.spread_by;
  const perValue = new Map<string | undefined, number>();
  if (label !== undefined) {
    for (const node of state.nodesByName) {
      const value = labelOf(node, label);
      perValue.set(value, (perValue.get(value) ?? 0) + placer.room.staying(node, record.name));
    }
  }
  return (node) => {
    const value = labelOf(node, label);
    const carried = placer.room.staying(node, record.name);
    return { node, value, ofValue: perValue.get(value) ?? 0, carried, load: placer.room.load(node) };
  };
}

/** The emptier side first. */
function bySpread(a: Side, b: Side): number {
  return a.ofValue - b.ofValue || a.carried - b.carried || a.load - b.load;
}

function byName({ node: { record: a } }: Side, { node: { record: b } }: Side): number {
  return a.name < b.name ? -1 : 1;
}

interface Pair {
  from: Side;
  to: Side;
}

interface Rated extends Pair {
  /** 0: over a label, 1: over nodes, 2: by load. */
  rank: number;
  gain: number;
  reason: string;
  replica?: ReplicaState;
}

/** How much of what is preferred holds of a node: nothing moves to where less does. */
function likingOf({ placer }: Scope, { record }: ServiceState, { node }: Side): number {
  return preference(placer.candidateOf(record), node, { room: placer.room });
}

/** What a move between two nodes would gain. */
function rate(scope: Scope, { record }: ServiceState, { from, to }: Pair): Rated | undefined {
  if (from.node === to.node) return undefined;
  const { room } = scope.placer;
  const { name, spec: { resources, placement: { spread_by: label } } } = record;
  const byValue = from.value === to.value ? 0 : from.ofValue - to.ofValue;
  if (byValue >= 2) {
    const [much, little] = [from, to].map(({ value }) => value === undefined ? `no ${label}` : `${label} ${value}`);
    const reason = `${from.ofValue} of ${name} are at ${much} and ${to.ofValue} at ${little}`;
    return { from, to, rank: 0, gain: byValue - 1, reason };
  }
  // What is gained between nodes must not be lost between values.
  if (from.value !== to.value && byValue < 1) return undefined;
  const byNode = from.carried - to.carried;
  const names = [from.node.record.name, to.node.record.name];
  if (byNode >= 2) {
    const reason = `${names[0]} has ${from.carried} of ${name} and ${names[1]} has ${to.carried}`;
    return { from, to, rank: 1, gain: byNode - 1, reason };
  }
  const gap = from.load - to.load;
  if (byNode < 1 || gap <= LOAD_GAP_MIN) return undefined;
  const size = nominalSize(resources);
  const left = room.load(from.node, { cpu: -size.cpu, memory: -size.memory });
  const come = room.load(to.node, size);
  const gain = gap - Math.abs(left - come);
  // Neither may end up as loaded as the fuller one was.
  if (gain <= 0 || come >= from.load || left >= from.load) return undefined;
  const reason = `${names[0]} is loaded to ${percent(from.load)} and ${names[1]} to ${percent(to.load)}`;
  return { from, to, rank: 2, gain, reason };
}

function isBetter(a: Rated, b: Rated): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.gain > b.gain);
}

function moveOf({ from, to, gain, reason }: Rated, replica: ReplicaState): Move {
  return { replica, from: from.node, to: to.node, gain, reason };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
