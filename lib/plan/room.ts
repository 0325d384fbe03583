/**
 * What the nodes carry: what the state says, and on top of it what a plan in the making has put there or taken away, so
 * that a thousand decisions of one plan see each other.
 * @module
 */
import { nominalSize } from "../cluster/indexes.ts";
import type { Capacity, NodeState } from "../cluster/node.ts";
import type { ServiceRecord } from "../cluster/service_record.ts";

interface Overlay {
  load: Capacity;
  reserved: Capacity;
  carried: Map<string, number>;
}

const NOTHING: Overlay = { load: { cpu: 0, memory: 0 }, reserved: { cpu: 0, memory: 0 }, carried: new Map() };

export class Room {
  readonly #overcommit: Capacity;
  readonly #overlays = new Map<NodeState, Overlay>();

  /** `overcommit`: how many times its capacity a node may have reserved. */
  constructor(overcommit: Capacity) {
    this.#overcommit = overcommit;
  }

  /** How many replicas of the service the node carries. */
  carried(node: NodeState, service: string): number {
    return (node.perService.get(service) ?? 0) + (this.#overlays.get(node)?.carried.get(service) ?? 0);
  }

  /** How many of them are meant to stay. */
  staying(node: NodeState, service: string): number {
    return this.carried(node, service) - (node.going.get(service) ?? 0);
  }

  /** What may be reserved on the node in all. */
  total({ record: { capacity } }: NodeState): Capacity {
    return { cpu: capacity.cpu * this.#overcommit.cpu, memory: capacity.memory * this.#overcommit.memory };
  }

  /** What may still be reserved on it; less than nothing where room is promised that has yet to be made. */
  free(node: NodeState): Capacity {
    const { reserved } = this.#overlays.get(node) ?? NOTHING;
    const total = this.total(node);
    return {
      cpu: total.cpu - node.reserved.cpu - reserved.cpu,
      memory: total.memory - node.reserved.memory - reserved.memory,
    };
  }

  /** The share of the node that is taken: the larger one of cores and memory; `more` is what might come on top. */
  load(node: NodeState, more: Capacity = NOTHING.load): number {
    const { load } = this.#overlays.get(node) ?? NOTHING;
    const { capacity } = node.record;
    // Asked for every candidate of every placement: no object is made for it.
    return Math.max(
      (node.nominal.cpu + load.cpu + more.cpu) / Math.max(capacity.cpu, 0.01),
      (node.nominal.memory + load.memory + more.memory) / Math.max(capacity.memory, 1),
    );
  }

  /** The share of the node that is reserved: the larger one of cores and memory. */
  reservedShare(node: NodeState): number {
    const { reserved } = this.#overlays.get(node) ?? NOTHING;
    const { capacity } = node.record;
    return Math.max(
      (node.reserved.cpu + reserved.cpu) / Math.max(capacity.cpu, 0.01),
      (node.reserved.memory + reserved.memory) / Math.max(capacity.memory, 1),
    );
  }

  /** Counts one more replica of the service on the node. */
  put(node: NodeState, service: ServiceRecord): void {
    this.#count(node, service, 1);
  }

  /** Counts one less. */
  take(node: NodeState, service: ServiceRecord): void {
    this.#count(node, service, -1);
  }

  #count(node: NodeState, service: ServiceRecord, sign: 1 | -1): void {
    const { resources } = service.spec;
    const nominal = nominalSize(resources);
    let overlay = this.#overlays.get(node);
    if (overlay === undefined) {
      overlay = { load: { cpu: 0, memory: 0 }, reserved: { cpu: 0, memory: 0 }, carried: new Map() };
      this.#overlays.set(node, overlay);
    }
    overlay.load.cpu += sign * nominal.cpu;
    overlay.load.memory += sign * nominal.memory;
    overlay.reserved.cpu += sign * resources.cpu;
    overlay.reserved.memory += sign * resources.memory;
    overlay.carried.set(service.name, (overlay.carried.get(service.name) ?? 0) + sign);
  }
}
