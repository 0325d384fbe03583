/**
 * Room for what is more important: where a replica fits nowhere for lack of cores or memory alone, replicas of services of
 * clearly lower priority end on the node where that costs least, and once they have, the place is filled. What ends
 * already counts as room to come, so that nobody is stopped twice for the same slot.
 * @module
 */
import type { Capacity, NodeState } from "../cluster/node.ts";
import { nameOf, type ReplicaState } from "../cluster/replica.ts";
import type { ServiceRecord } from "../cluster/service_record.ts";
import type { ServiceState } from "../cluster/state.ts";
import { isExclusive } from "../cluster/isolation.ts";
import { keepsData } from "../cluster/surroundings.ts";
import { servicesNamed } from "../cluster/unmet.ts";
import { type Draft, stop } from "./draft.ts";
import { type Candidate, obstacle, shortage, unfitness } from "./fit.ts";
import { tooHasty } from "./isolation.ts";
import type { Placer } from "./place.ts";
import { tierOf } from "./rank.ts";

/** By so much a service has to be more important than what ends for it. */
const PRIORITY_STEP = 10;

export interface Wanting {
  slot: number;
  /** The only node that it may be, as its data is there. */
  home?: NodeState | undefined;
  /** The node that it must not be. */
  avoid?: string;
}

/** What has to end on a node. */
interface Offer {
  node: NodeState;
  victims: Victim[];
}

interface Victim {
  replica: ReplicaState;
  service: ServiceState;
  priority: number;
}

/**
 * Makes room for a slot of a service, as it is for the slot's generation, that was found unplaceable, if that is possible. Returns what it waits for, or undefined where
 * nothing can be done.
 */
export function makeRoom(draft: Draft, service: ServiceRecord, wanting: Wanting): string | undefined {
  const { state, nowMs } = draft;
  const { spec } = service;
  // What is refused everywhere is not short of room.
  if (tooHasty(state, spec) !== undefined) return undefined;
  if (spec.resources.cpu === 0 && spec.resources.memory === 0) return undefined;
  // Whoever went with most others may be back at once.
  if (state.massLoss.active || nowMs < state.massLoss.returningUntilMs) return undefined;
  const placer = draft.placer();
  const nodes = wanting.home === undefined ? state.nodesByName : [wanting.home];
  let best: Offer | undefined;
  for (const node of nodes) {
    if (node.record.id === wanting.avoid || unfitness(node) !== undefined || tierOf(node, nowMs) !== 0) continue;
    const offer = offerOf(draft, { service, node, placer });
    if (offer !== undefined && (best === undefined || costsLess(offer, best))) best = offer;
  }
  if (best === undefined) return undefined;
  const { node, victims } = best;
  const what = nameOf({ service: service.name, slot: wanting.slot });
  for (const { replica, priority } of victims) {
    stop(draft, replica, `makes room for ${what}, whose priority is ${spec.priority} against ${priority}`);
  }
  placer.claim(node, service);
  return `room is being made on ${node.record.name}`;
}

/** The least that has to end on a node, which may be nothing but what ends already; undefined where it can't be enough. */
function offerOf(
  draft: Draft,
  { service, node, placer }: { service: ServiceRecord; node: NodeState; placer: Placer },
): Offer | undefined {
  const candidate = placer.candidateOf(service);
  const { room } = placer;
  if (obstacle(candidate, node, room) !== undefined) return undefined;
  const { resources } = service.spec;
  const coming = { cpu: 0, memory: 0 };
  const isEnough = () => shortage(resources, node, { room, coming }) === undefined;
  const victims: Victim[] = [];
  for (const id of node.replicas) {
    const replica = draft.state.replicas.get(id);
    if (replica === undefined) continue;
    if (replica.record.draining || draft.ending.has(id)) add(coming, replica.resources, 1);
    else victims.push(...victimOf(draft, candidate, replica));
  }
  victims.sort(lessImportant);
  const taken: Victim[] = [];
  for (const victim of victims) {
    if (isEnough()) break;
    add(coming, victim.replica.resources, 1);
    taken.push(victim);
  }
  if (!isEnough()) return undefined;
  // Who was taken on the way to a larger one may be spared after all: the most important one first.
  for (const victim of taken.toReversed()) {
    add(coming, victim.replica.resources, -1);
    if (isEnough()) taken.splice(taken.indexOf(victim), 1);
    else add(coming, victim.replica.resources, 1);
  }
  return { node, victims: taken };
}

/** The replica, if it may end for the candidate. */
function victimOf({ state }: Draft, candidate: Candidate, replica: ReplicaState): Victim[] {
  const service = state.services.get(replica.record.service);
  if (service === undefined) return [];
  const { spec, name } = service.record;
  if (spec.priority > candidate.service.spec.priority - PRIORITY_STEP) return [];
  if (isExclusive(spec) || keepsData(spec)) return [];
  if (replica.resources.cpu === 0 && replica.resources.memory === 0) return [];
  // Beside whom it is to be must not end for it.
  if (candidate.constraints.some((wish) => servicesNamed(wish).includes(name))) return [];
  return [{ replica, service, priority: spec.priority }];
}

/** The least important first, of those the largest, of those the youngest slots. */
function lessImportant(a: Victim, b: Victim): number {
  return a.priority - b.priority || b.replica.resources.cpu - a.replica.resources.cpu ||
    b.replica.resources.memory - a.replica.resources.memory || b.replica.record.slot - a.replica.record.slot ||
    (a.replica.record.id < b.replica.record.id ? -1 : 1);
}

function costsLess(a: Offer, b: Offer): boolean {
  const order = highest(a) - highest(b) || a.victims.length - b.victims.length;
  return order < 0;
}

/** The priority of the most important one that has to end; less than any where none has to. */
function highest({ victims }: Offer): number {
  return victims.reduce((most, { priority }) => Math.max(most, priority), -1);
}

function add(to: Capacity, { cpu, memory }: Capacity, sign: 1 | -1): void {
  to.cpu += sign * cpu;
  to.memory += sign * memory;
}
