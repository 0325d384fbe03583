/**
 * Which of the nodes that fit is the best one for a service with wishes: rather ready than suspect, rather one of which
 * more preferences hold, then spread over a label and over nodes, or packed. One ranking serves one service in one plan;
 * a choice looks at each node that satisfies the constraints once.
 * @module
 */
import type { Constraint } from "../cluster/constraint.ts";
import { holdDownMs, type NodeState } from "../cluster/node.ts";
import { unmet } from "../cluster/unmet.ts";
import { type Candidate, factsOf, isAboutServices, preference } from "./fit.ts";
import type { Room } from "./room.ts";

/** What comes first in a choice: 0 for a node that is ready, 1 in hold-down, 2 suspect. */
export function tierOf(node: NodeState, nowMs: number): 0 | 1 | 2 {
  if (node.liveness === "suspect") return 2;
  return nowMs - node.sinceMs < holdDownMs(node.record.losses) ? 1 : 0;
}

/** Whether nothing is wished, so that the least loaded of the emptiest nodes is the best. */
export function isPlain({ service: { spec: { placement } }, constraints, affinity }: Candidate): boolean {
  return placement.strategy === "spread" && placement.spread_by === undefined &&
    constraints.length === 0 && affinity.length === 0;
}

/** In how many respects nodes are compared. */
const KEY_LENGTH = 6;

/** The node of a replica that is about to go. */
interface Former {
  node: NodeState;
  value: string | undefined;
}

interface Ranked {
  node: NodeState;
  tier: number;
  /** Of the label that the service is spread by. */
  value: string | undefined;
  /** By the preferences that don't change while a plan is made. */
  preference: number;
}

export interface RankingOptions {
  nodes: readonly NodeState[];
  room: Room;
  nowMs: number;
}

export class Ranking {
  readonly #candidate: Candidate;
  /** The same with those preferences only that may change while a plan is made. */
  readonly #moving: Candidate;
  readonly #room: Room;
  readonly #nodes: Ranked[] = [];
  /** How many replicas there are per value of the label that the service is spread by. */
  readonly #perValue = new Map<string | undefined, number>();

  constructor(candidate: Candidate, { nodes, room, nowMs }: RankingOptions) {
    this.#candidate = candidate;
    this.#moving = { ...candidate, affinity: candidate.affinity.filter(isAboutServices) };
    this.#room = room;
    const isStanding = (wish: Constraint) => !isAboutServices(wish);
    const standing = candidate.constraints.filter(isStanding);
    for (const node of nodes) {
      const count = room.staying(node, candidate.service.name);
      const value = this.#valueOf(node);
      this.#perValue.set(value, (this.#perValue.get(value) ?? 0) + count);
      const facts = factsOf(node, room);
      if (standing.some((wish) => unmet(wish, facts) !== undefined)) continue;
      const held = preference(candidate, node, { room, which: isStanding });
      this.#nodes.push({ node, tier: tierOf(node, nowMs), value, preference: held });
    }
  }

  /** The best node for which `fits` holds. A replica on `inPlaceOf` is about to go, and counts no more. */
  best(fits: (node: NodeState) => boolean, inPlaceOf: NodeState | undefined): NodeState | undefined {
    const former = inPlaceOf && { node: inPlaceOf, value: this.#valueOf(inPlaceOf) };
    let best: NodeState | undefined;
    // Filled anew for each node, as there may be many.
    let key = new Float64Array(KEY_LENGTH);
    let bestKey = new Float64Array(KEY_LENGTH);
    for (const ranked of this.#nodes) {
      this.#fill(key, ranked, former);
      if ((best !== undefined && !isLess(key, bestKey)) || !fits(ranked.node)) continue;
      best = ranked.node;
      [key, bestKey] = [bestKey, key];
    }
    return best;
  }

  /** Notes that one more was placed. */
  placed(node: NodeState): void {
    const value = this.#valueOf(node);
    this.#perValue.set(value, (this.#perValue.get(value) ?? 0) + 1);
  }

  /** What decides, the most important first; the smaller the better. */
  #fill(key: Float64Array, { node, tier, value, preference: standing }: Ranked, former: Former | undefined): void {
    const { name, spec: { placement } } = this.#candidate.service;
    const room = this.#room;
    const moving = this.#moving.affinity.length === 0 ? 0 : preference(this.#moving, node, { room });
    const load = room.load(node);
    const isPacked = placement.strategy === "binpack";
    key[0] = tier;
    key[1] = -(standing + moving);
    if (placement.spread_by !== undefined) {
      const isLeft = former !== undefined && former.value === value;
      key[2] = (this.#perValue.get(value) ?? 0) - (isLeft ? 1 : 0);
      // All nodes without the label are one value, the last one among equals.
      key[3] = value === undefined ? 1 : 0;
    }
    key[4] = isPacked ? -room.reservedShare(node) : room.staying(node, name) - (former?.node === node ? 1 : 0);
    key[5] = isPacked ? -load : load;
  }

  #valueOf(node: NodeState): string | undefined {
    return labelOf(node, this.#candidate.service.spec.placement.spread_by);
  }
}

/** The value of a label of a node. */
export function labelOf({ record: { labels } }: NodeState, label: string | undefined): string | undefined {
  return label !== undefined && Object.hasOwn(labels, label) ? labels[label] : undefined;
}

function isLess(a: Float64Array, b: Float64Array): boolean {
  for (let at = 0; at < KEY_LENGTH; at++) if (a[at] !== b[at]) return a[at]! < b[at]!;
  return false;
}
