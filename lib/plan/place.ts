/**
 * Where a replica goes: a node that has room, rather ready than suspect or in hold-down, rather one with fewer replicas
 * of the same service, rather one with less load. A `Placer` lives for one plan and counts what that plan has placed
 * already, so that a thousand placements of one plan spread as a thousand plans would.
 * @module
 */
import { nominalSize } from "../cluster/indexes.ts";
import { type Capacity, holdDownMs, type NodeState } from "../cluster/node.ts";
import type { ServiceRecord } from "../cluster/service_record.ts";
import type { ClusterState } from "../cluster/state.ts";
import { fixedPortOf } from "../cluster/surroundings.ts";
import { LazyHeap } from "./heap.ts";
import { boundTo } from "./reason.ts";

export type Placement = { kind: "placed"; node: NodeState } | { kind: "unplaceable"; reason: string };

export interface PlaceOptions {
  /** The node that it must not be. */
  avoid?: string;
  /** The only node that it may be, as its data is there. */
  home?: NodeState | undefined;
  /** The node of the replica that it takes over from: to stay there keeps the spread, as that one goes. */
  inPlaceOf?: string;
}

/** Larger than any load or count of replicas: the tier always decides first. */
const TIER_WEIGHT = 1_000_000_000;
/** Sums of fractions of cores are not exact. */
const ROUNDING = 1e-9;
/** Nodes that are named in the reason for a refusal. */
const NODES_NAMED_MAX = 5;

/** What this plan has placed on a node, on top of what the state says. */
interface Overlay {
  load: Capacity;
  reserved: Capacity;
  placed: Map<string, number>;
}

const NOTHING_PLACED: Overlay = { load: { cpu: 0, memory: 0 }, reserved: { cpu: 0, memory: 0 }, placed: new Map() };

export class Placer {
  readonly #nodes: readonly NodeState[];
  readonly #candidates: NodeState[];
  readonly #nowMs: number;
  readonly #overlays = new Map<NodeState, Overlay>();
  readonly #byLoad: LazyHeap<NodeState>;
  readonly #bySpread = new Map<string, LazyHeap<NodeState>>();
  /** Services of which every ready node is known to carry a replica. */
  readonly #carriedByAll = new Set<string>();

  constructor(state: ClusterState, nowMs: number) {
    this.#nowMs = nowMs;
    this.#nodes = state.nodesByName;
    this.#candidates = this.#nodes.filter(isCandidate);
    this.#byLoad = new LazyHeap(this.#candidates, (node) => this.#tierOf(node) * TIER_WEIGHT + this.#loadOf(node));
  }

  /** A node for one more replica of the service, or why there is none. */
  place(service: ServiceRecord, { avoid, home, inPlaceOf }: PlaceOptions = {}): Placement {
    if (home !== undefined) return this.#placeAt(home, service);
    const fits = (node: NodeState) => node.record.id !== avoid && this.#refusalOf(node, service) === undefined;
    const chosen = this.#amongEmpty(service, fits) ??
      this.#candidates.find((node) => node.record.id === inPlaceOf && this.#tierOf(node) === 0 && fits(node)) ??
      this.#bySpreadOf(service).find(fits);
    if (chosen === undefined) return { kind: "unplaceable", reason: this.#refusals(service, avoid) };
    this.#take(chosen, service);
    return { kind: "placed", node: chosen };
  }

  #placeAt(home: NodeState, service: ServiceRecord): Placement {
    const refusal = unfitness(home) ?? this.#refusalOf(home, service);
    if (refusal !== undefined) return { kind: "unplaceable", reason: `${boundTo(home)} (${refusal})` };
    this.#take(home, service);
    return { kind: "placed", node: home };
  }

  /** The least loaded ready node that has none of the service: the usual case, and quick in a large cluster. */
  #amongEmpty(service: ServiceRecord, fits: (node: NodeState) => boolean): NodeState | undefined {
    if (this.#carriedByAll.has(service.name)) return undefined;
    const empty = this.#byLoad.find((node) => this.#carried(node, service) === 0 && fits(node));
    if (empty !== undefined && this.#tierOf(empty) === 0) return empty;
    this.#carriedByAll.add(service.name);
    return undefined;
  }

  #bySpreadOf(service: ServiceRecord): LazyHeap<NodeState> {
    let heap = this.#bySpread.get(service.name);
    if (heap === undefined) {
      heap = new LazyHeap(this.#candidates, (node) => {
        const load = this.#loadOf(node);
        return this.#tierOf(node) * TIER_WEIGHT + this.#carried(node, service) + load / (1 + load);
      });
      this.#bySpread.set(service.name, heap);
    }
    return heap;
  }

  #take(node: NodeState, service: ServiceRecord): void {
    const { resources } = service.spec;
    const nominal = nominalSize(resources);
    let overlay = this.#overlays.get(node);
    if (overlay === undefined) {
      overlay = { load: { cpu: 0, memory: 0 }, reserved: { cpu: 0, memory: 0 }, placed: new Map() };
      this.#overlays.set(node, overlay);
    }
    overlay.load.cpu += nominal.cpu;
    overlay.load.memory += nominal.memory;
    overlay.reserved.cpu += resources.cpu;
    overlay.reserved.memory += resources.memory;
    overlay.placed.set(service.name, (overlay.placed.get(service.name) ?? 0) + 1);
  }

  #tierOf(node: NodeState): number {
    if (node.liveness === "suspect") return 2;
    return this.#nowMs - node.sinceMs < holdDownMs(node.record.losses) ? 1 : 0;
  }

  /** The share of the node that is taken: the larger one of cores and memory. */
  #loadOf(node: NodeState): number {
    const { load } = this.#overlays.get(node) ?? NOTHING_PLACED;
    const { cpu, memory } = node.record.capacity;
    return Math.max(
      (node.nominal.cpu + load.cpu) / Math.max(cpu, 0.01),
      (node.nominal.memory + load.memory) / Math.max(memory, 1),
    );
  }

  #carried(node: NodeState, service: ServiceRecord): number {
    return (node.perService.get(service.name) ?? 0) + (this.#overlays.get(node)?.placed.get(service.name) ?? 0);
  }

  #refusalOf(node: NodeState, service: ServiceRecord): string | undefined {
    const { resources, placement } = service.spec;
    const { capacity } = node.record;
    const { reserved } = this.#overlays.get(node) ?? NOTHING_PLACED;
    const cpuFree = Math.max(0, capacity.cpu - node.reserved.cpu - reserved.cpu);
    if (resources.cpu > 0 && resources.cpu > cpuFree + ROUNDING) {
      return `needs ${resources.cpu} cores, ${cpuFree.toFixed(2)} of ${capacity.cpu} are free`;
    }
    const memoryFree = Math.max(0, capacity.memory - node.reserved.memory - reserved.memory);
    if (resources.memory > 0 && resources.memory > memoryFree + ROUNDING) {
      return `needs ${resources.memory} MiB, ${Math.floor(memoryFree)} of ${capacity.memory} are free`;
    }
    const max = placement.max_per_node;
    if (max !== undefined && this.#carried(node, service) >= max) return `has ${max} already, which is max_per_node`;
    const port = fixedPortOf(service.spec);
    if (port !== undefined && this.#carried(node, service) > 0) return `has one already, and port ${port} only once`;
    return undefined;
  }

  #refusals(service: ServiceRecord, avoid: string | undefined): string {
    if (this.#nodes.length === 0) {
      return "there is no node yet; add one with POST /add-node, or start an agent with --controller";
    }
    const named = this.#nodes.slice(0, NODES_NAMED_MAX).map((node) => {
      const reason = node.record.id === avoid
        ? "it is the one to leave"
        : unfitness(node) ?? this.#refusalOf(node, service);
      return `${node.record.name}: ${reason}`;
    });
    const rest = this.#nodes.length - named.length;
    return `no node has room: ${named.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
  }
}

function isCandidate(node: NodeState): boolean {
  return unfitness(node) === undefined;
}

function unfitness(node: NodeState): string | undefined {
  if (node.record.draining) return "it is being drained";
  if (node.leaving) return "it is leaving";
  if (node.liveness === "pending") return "it was not heard yet";
  return node.liveness === "lost" ? "it is lost" : undefined;
}
