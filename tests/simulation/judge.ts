/**
 * Watches a run and says what went wrong: the house's invariants, checked where they could first be broken. Numbers in
 * the messages are those of the list in docs/architecture.md.
 * @module
 */
import type { Memory } from "../../lib/agent/effect.ts";
import { MASS_LOSS_WINDOW_MS } from "../../lib/cluster/mass_loss.ts";
import { type Change, type Commit, keyOfChange } from "../../lib/cluster/record.ts";
import { type AssignmentRecord, nameOf } from "../../lib/cluster/replica.ts";
import { isRecovering } from "../../lib/cluster/state.ts";
import { keepsData, takesTurns } from "../../lib/cluster/surroundings.ts";
import type { Order, Orders } from "../../lib/wire/protocol.ts";
import type { Controller } from "./controller.ts";
import type { Host } from "./host.ts";
import type { Process } from "./process.ts";

export class Judge {
  readonly violations: string[] = [];
  /** The newest assignment of each replica that ever was. */
  readonly #assigned = new Map<string, AssignmentRecord>();
  readonly #fences = new Map<string, number>();
  /** Where each slot that keeps data was begun. */
  readonly #homes = new Map<string, string>();
  /** What the store answered for: the scale of each service. */
  readonly #acknowledged = new Map<string, number>();
  commits = 0;
  /** Commits that changed what runs where: not those that only note how nodes do. */
  decisions = 0;

  acknowledged(service: string, desired: number): void {
    this.#acknowledged.set(service, desired);
  }

  spawned(host: Host, order: Order): void {
    const { id, node } = order.assignment;
    const assignment = this.#assigned.get(id);
    if (assignment === undefined) this.#wrong(2, `${host.name} starts ${id}, which the store never had`);
    else if (assignment.node !== node) this.#wrong(2, `${host.name} starts ${id}, which is assigned elsewhere`);
    if (host.rebooted) this.#wrong(2, `${host.name} starts ${id} after a reboot, before its first orders`);
    if (keepsData(order.spec)) this.#aloneAtHome(host, order);
  }

  /** A slot's data is in the hands of one process, and on one host for as long as no node is removed. */
  #aloneAtHome(host: Host, { assignment }: Order): void {
    const slot = nameOf(assignment);
    const home = this.#homes.get(slot) ?? host.name;
    this.#homes.set(slot, home);
    if (home !== host.name) this.#wrong(4, `${slot} begins on ${host.name} without its data, which is on ${home}`);
    for (const process of host.processes.values()) {
      const other = this.#assigned.get(process.replica);
      if (other !== undefined && nameOf(other) === slot) {
        this.#wrong(4, `${slot} begins on ${host.name} while another process of it is there`);
      }
    }
  }

  followed(host: Host, orders: Orders, before: Memory): void {
    const older = orders.epoch < before.epoch || (orders.epoch === before.epoch && orders.revision < before.revision);
    if (older) this.#wrong(3, `${host.name} went back from ${before.epoch}.${before.revision}`);
  }

  signalled(host: Host, process: Process): void {
    if (process.identity !== host.identity) this.#wrong(10, `${host.name} signals a process of another agent`);
    const order = host.agent?.session.memory.replicas.find((one) => one.assignment.id === process.replica);
    const wanted = order !== undefined && !order.assignment.draining;
    if (wanted && host.agent?.session.leaving === false) {
      this.#wrong(14, `${host.name} stops ${process.replica}, which its orders want running`);
    }
  }

  /** The loop wants these changes; what it knows at this moment is what it must be right by. */
  planned(changes: readonly Change[], { controller, nowMs }: { controller: Controller; nowMs: number }): void {
    for (const change of changes) {
      if (change.op === "put" && change.record.type === "assignment" && change.record.draining) {
        this.#withdrawn(change.record, controller);
      }
      if (change.op === "delete") this.#givenUp(keyOfChange(change), controller);
    }
    const decides = changes.some((change) => !keyOfChange(change).startsWith("node/"));
    const state = controller.loop?.state;
    if (decides && state !== undefined && isRecovering(state, nowMs)) {
      this.#wrong(14, `it decides while ${state.unheard.size} nodes have yet to be heard`);
    }
  }

  committed(commit: Commit, controller: Controller): void {
    this.commits += 1;
    if (commit.changes.some((change) => !keyOfChange(change).startsWith("node/"))) this.decisions += 1;
    const slots = new Set<string>();
    for (const change of commit.changes) {
      if (change.op === "delete") {
        const gone = this.#assigned.get(idIn(change.key));
        if (gone !== undefined) slots.add(`${gone.service}.${gone.slot}`);
        continue;
      }
      if (change.record.type !== "assignment") continue;
      const { record } = change;
      const slot = `${record.service}.${record.slot}`;
      slots.add(slot);
      if (!this.#assigned.has(record.id)) this.#fenced(slot, record);
      this.#assigned.set(record.id, record);
    }
    this.#notTooMany(slots, controller);
  }

  #fenced(slot: string, record: AssignmentRecord): void {
    if (record.fence <= (this.#fences.get(slot) ?? -1)) this.#wrong(3, `the fence of ${slot} did not grow`);
    this.#fences.set(slot, record.fence);
  }

  /** A replica that is wanted and ready may only be withdrawn when another one of its slot is ready. */
  #withdrawn(record: AssignmentRecord, controller: Controller): void {
    const state = controller.loop?.state;
    const replica = state?.replicas.get(record.id);
    const service = state?.services.get(record.service);
    if (state === undefined || replica === undefined || service === undefined) return;
    if (replica.record.draining || record.slot >= service.record.desired || replica.observed?.ready !== true) return;
    const node = state.nodes.get(record.node);
    if (node === undefined || node.liveness === "lost" || node.leaving || replica.record.successor_of !== null) return;
    const wanted = Array.from({ length: service.record.desired }, (_, slot) => slot);
    const mates = (service.slots.get(record.slot) ?? []).filter((id) => id !== record.id);
    const isObservedReady = (id: string) => state.replicas.get(id)?.observed?.ready === true;
    // Where one ends before the other begins, nothing can stand in: all the others have to be well then.
    const covered = takesTurns(service.record.spec)
      ? wanted.every((slot) => (service.slots.get(slot) ?? []).some(isObservedReady))
      : mates.some(isObservedReady);
    if (!covered) {
      this.#wrong(5, `${record.service}.${record.slot} is withdrawn while nothing stands in: ${record.reason}`);
    }
  }

  /** Where most nodes have vanished together, what they carry stays theirs: the controller may be what is cut off. */
  #givenUp(key: string, controller: Controller): void {
    const state = controller.loop?.state;
    const record = state?.replicas.get(idIn(key))?.record;
    const node = state?.nodes.get(record?.node ?? "");
    if (state === undefined || record === undefined || record.draining) return;
    if (node?.liveness !== "lost" || node.cause === "goodbye") return;
    const turned = [...state.massLoss.turned.values()];
    const together = turned.filter((atMs) => Math.max(...turned) - atMs <= MASS_LOSS_WINDOW_MS).length;
    if (together * 2 > state.nodes.size) {
      this.#wrong(
        14,
        `${record.service}.${record.slot} is moved while ${together} of ${state.nodes.size} nodes are away`,
      );
    }
  }

  #notTooMany(slots: ReadonlySet<string>, controller: Controller): void {
    if (slots.size === 0) return;
    const staying = new Map<string, number>();
    for (const { record } of controller.disk.records.values()) {
      if (record.type !== "assignment" || record.draining) continue;
      const slot = `${record.service}.${record.slot}`;
      if (!slots.has(slot)) continue;
      const follows = record.successor_of !== null && controller.disk.records.has(`assignment/${record.successor_of}`);
      if (!follows) staying.set(slot, (staying.get(slot) ?? 0) + 1);
    }
    for (const [slot, count] of staying) {
      if (count > 1) this.#wrong(6, `${slot} has ${count} replicas that mean to stay`);
    }
  }

  /** What the store holds is what was acknowledged. */
  durable(controller: Controller): void {
    for (const [name, desired] of this.#acknowledged) {
      const record = controller.disk.records.get(`service/${name}`)?.record;
      if (record?.type !== "service" || record.desired !== desired) {
        this.#wrong(1, `${name} forgot its scale ${desired}`);
      }
    }
  }

  /** Whether desired and actual agree, and if not, in what. */
  difference(controller: Controller, hosts: readonly Host[]): string | undefined {
    const loop = controller.loop;
    if (loop === undefined) return "there is no controller";
    const running = hosts.flatMap((host) => [...host.processes.values()].map((process) => ({ host, process })));
    for (const service of loop.state.services.values()) {
      const { name, desired } = service.record;
      if (service.ready !== desired) {
        return `${name} has ${service.ready} of ${desired} ready: ${JSON.stringify(loop.waits)}`;
      }
    }
    for (const { host, process } of running) {
      const record = loop.state.replicas.get(process.replica)?.record;
      if (record === undefined) return `${host.name} runs ${process.replica}, which is not wanted`;
      if (record.draining) return `${host.name} still runs ${record.service}.${record.slot}, which is to stop`;
    }
    if (loop.state.unsettled.size > 0) return `unsettled: ${[...loop.state.unsettled].join(", ")}`;
    if (running.length !== loop.state.replicas.size) {
      return `${running.length} processes for ${loop.state.replicas.size} assignments`;
    }
    return undefined;
  }

  #wrong(invariant: number, text: string): void {
    this.violations.push(`invariant ${invariant}: ${text}`);
  }
}

/** The name or id in a record's key. */
function idIn(key: string): string {
  return key.slice(key.indexOf("/") + 1);
}
