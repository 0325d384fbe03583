/**
 * Where a replica goes: a node that has room and is what was asked for, rather ready than suspect or in hold-down, rather
 * one with fewer replicas of the same service, rather one with less load, unless the service wishes otherwise. A `Placer`
 * lives for one plan and counts what that plan has placed already.
 * @module
 */
import type { NodeState } from "../cluster/node.ts";
import type { ServiceRecord } from "../cluster/service_record.ts";
import type { ClusterState } from "../cluster/state.ts";
import { type Candidate, candidateOf, obstacle, shortage, unfitness } from "./fit.ts";
import { LazyHeap } from "./heap.ts";
import { isPlain, Ranking, tierOf } from "./rank.ts";
import { boundTo } from "./reason.ts";
import { tooHasty } from "./isolation.ts";
import { Room } from "./room.ts";

export type Placement = { kind: "placed"; node: NodeState } | { kind: "unplaceable"; reason: string };

export interface PlaceOptions {
  /** The node that it must not be. */
  avoid?: string;
  /** The only node that it may be, as its data is there. */
  home?: NodeState | undefined;
  /** The node that comes first if it is well and fits: where the slot was last. */
  rather?: NodeState | undefined;
  /** The node of the replica that it takes over from: to stay there keeps the spread, as that one goes. */
  inPlaceOf?: string;
}

/** What one node says to a service: why it refuses, or nothing where it fits. */
export interface Refusal {
  node: NodeState;
  reason: string | undefined;
}

/** Larger than any load or count of replicas: the tier always decides first. */
const TIER_WEIGHT = 1_000_000_000;
/** Nodes that are named in the reason for a refusal. */
const NODES_NAMED_MAX = 5;

/** A service, and how its nodes are chosen in this plan. */
interface Choice {
  candidate: Candidate;
  /** Only of a service with wishes. */
  ranking: Ranking | undefined;
  /** Only of a service without, once each node carries one. */
  bySpread: LazyHeap<NodeState> | undefined;
  /** Every ready node is known to carry a replica. */
  isCarriedByAll: boolean;
}

export class Placer {
  /** What the nodes carry, with what this plan has placed. */
  readonly room: Room;
  readonly #state: ClusterState;
  readonly #candidates: NodeState[];
  readonly #nowMs: number;
  readonly #byLoad: LazyHeap<NodeState>;
  /** By service, and by generation: each is placed by its own spec. */
  readonly #choices = new Map<string, Map<number, Choice>>();

  constructor(state: ClusterState, nowMs: number) {
    this.#state = state;
    this.#nowMs = nowMs;
    this.room = new Room(state.placing.overcommit);
    this.#candidates = state.nodesByName.filter((node) => unfitness(node) === undefined);
    this.#byLoad = new LazyHeap(this.#candidates, (node) => tierOf(node, nowMs) * TIER_WEIGHT + this.room.load(node));
  }

  /** A node for one more replica of the service as it is for the replica's generation, or why there is none. */
  place(service: ServiceRecord, { avoid, home, rather, inPlaceOf }: PlaceOptions = {}): Placement {
    const hasty = tooHasty(this.#state, service.spec);
    if (hasty !== undefined) return { kind: "unplaceable", reason: hasty };
    if (home !== undefined) return this.#placeAt(home, service);
    const choice = this.#choiceOf(service);
    const fits = (node: NodeState) => node.record.id !== avoid && this.#refusal(node, choice.candidate) === undefined;
    const isWellAndFits = (node: NodeState | undefined) =>
      node !== undefined && unfitness(node) === undefined && tierOf(node, this.#nowMs) === 0 && fits(node);
    const former = inPlaceOf === undefined ? undefined : this.#state.nodes.get(inPlaceOf);
    const first = rather ?? (service.spec.placement.sticky ? former : undefined);
    const chosen = isWellAndFits(first)
      ? first
      : choice.ranking !== undefined
      ? choice.ranking.best(fits, former)
      : this.#amongEmpty(choice, fits) ?? (isWellAndFits(former) ? former : this.#bySpread(choice).find(fits));
    if (chosen === undefined) return { kind: "unplaceable", reason: this.#refusalWords(service, avoid) };
    this.claim(chosen, service);
    return { kind: "placed", node: chosen };
  }

  /** Why each node refuses one more replica of the service, by name. */
  refusals(service: ServiceRecord): Refusal[] {
    const { candidate } = this.#choiceOf(service);
    return this.#state.nodesByName.map((node) => ({ node, reason: unfitness(node) ?? this.#refusal(node, candidate) }));
  }

  /** Why a node refuses one more replica of the service. */
  refusal(node: NodeState, service: ServiceRecord): string | undefined {
    return unfitness(node) ?? this.#refusal(node, this.#choiceOf(service).candidate);
  }

  /** The service with its wishes, as this plan has read them. */
  candidateOf(service: ServiceRecord): Candidate {
    return this.#choiceOf(service).candidate;
  }

  /** Counts a replica of the service on the node, which it has or is to have. */
  claim(node: NodeState, service: ServiceRecord): void {
    this.room.put(node, service);
    for (const { ranking } of this.#choices.get(service.name)?.values() ?? []) ranking?.placed(node);
  }

  #placeAt(home: NodeState, service: ServiceRecord): Placement {
    const refusal = this.refusal(home, service);
    if (refusal !== undefined) return { kind: "unplaceable", reason: `${boundTo(home)} (${refusal})` };
    this.claim(home, service);
    return { kind: "placed", node: home };
  }

  #choiceOf(service: ServiceRecord): Choice {
    const ofService = this.#choices.get(service.name) ?? new Map<number, Choice>();
    this.#choices.set(service.name, ofService);
    let choice = ofService.get(service.generation);
    if (choice === undefined) {
      const candidate = candidateOf(service);
      const { room } = this;
      const ranking = isPlain(candidate)
        ? undefined
        : new Ranking(candidate, { nodes: this.#candidates, room, nowMs: this.#nowMs });
      choice = { candidate, ranking, bySpread: undefined, isCarriedByAll: false };
      ofService.set(service.generation, choice);
    }
    return choice;
  }

  #refusal(node: NodeState, candidate: Candidate): string | undefined {
    return obstacle(candidate, node, this.room) ??
      shortage(candidate.service.spec.resources, node, { room: this.room });
  }

  /** The least loaded ready node that has none of the service: the usual case, and quick in a large cluster. */
  #amongEmpty(choice: Choice, fits: (node: NodeState) => boolean): NodeState | undefined {
    if (choice.isCarriedByAll) return undefined;
    const { name } = choice.candidate.service;
    const empty = this.#byLoad.find((node) => this.room.staying(node, name) === 0 && fits(node));
    if (empty !== undefined && tierOf(empty, this.#nowMs) === 0) return empty;
    choice.isCarriedByAll = true;
    return undefined;
  }

  #bySpread(choice: Choice): LazyHeap<NodeState> {
    const { name } = choice.candidate.service;
    return choice.bySpread ??= new LazyHeap(this.#candidates, (node) => {
      const load = this.room.load(node);
      return tierOf(node, this.#nowMs) * TIER_WEIGHT + this.room.staying(node, name) + load / (1 + load);
    });
  }

  #refusalWords(service: ServiceRecord, avoid: string | undefined): string {
    const nodes = this.#state.nodesByName;
    if (nodes.length === 0) {
      return "there is no node yet; add one with POST /add-node, or start an agent with --controller";
    }
    const named = nodes.slice(0, NODES_NAMED_MAX).map((node) => {
      const reason = node.record.id === avoid ? "it is the one to leave" : this.refusal(node, service);
      return `${node.record.name}: ${reason}`;
    });
    const rest = nodes.length - named.length;
    return `no node has room: ${named.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
  }
}
