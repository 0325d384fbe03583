/**
 * Watches a run and says what went wrong: the house's invariants, checked where they could first be broken. Numbers in
 * the messages are those of the list in docs/architecture.md. What the loop plans is judged in `plan_judge`, what must
 * not last in `patrol`, what was promised to operators in `durability`.
 * @module
 */
import type { Memory } from "../../lib/agent/session/effect.ts";
import type { Endpoint } from "../../lib/cluster/endpoint.ts";
import type { Change, Commit } from "../../lib/cluster/record.ts";
import { type AssignmentRecord, nameOf } from "../../lib/cluster/replica.ts";
import { isExclusive } from "../../lib/cluster/isolation.ts";
import { keepsData } from "../../lib/cluster/surroundings.ts";
import type { Order, Orders, OrdersReply } from "../../lib/wire/protocol.ts";
import { Alone } from "./alone.ts";
import type { Controller } from "./controller.ts";
import { Durability } from "./durability.ts";
import { judgeEndpoints } from "./endpoint_judge.ts";
import type { Host } from "./host.ts";
import type { Ledger } from "./ledger.ts";
import { judgePlan } from "./plan_judge.ts";
import type { Process } from "./process.ts";
import type { VirtualAgent, Watcher } from "./virtual_agent.ts";

/** A replica that crashes at once is started 8 times in the first minute: at once, then after 1, 2, 4, 8, 16, 32 s. */
const STARTS_MAX = 9;
const STARTS_WITHIN_MS = 60_000;

export class Judge implements Watcher {
  readonly violations: string[] = [];
  readonly durability = new Durability();
  readonly #nowMs: () => number;
  /** The newest assignment of each replica that ever was. */
  readonly #assigned = new Map<string, AssignmentRecord>();
  readonly #assignedMs = new Map<string, number>();
  /** When the first process of each replica was to be ready. */
  readonly #readyFrom = new Map<string, number>();
  /** Replicas that the store has forgotten; an agent that was away may still begin them, as it was told to. */
  readonly #forgotten = new Set<string>();
  readonly #fences = new Map<string, number>();
  /** Where each slot that keeps data was begun. */
  readonly #homes = new Map<string, string>();
  /** The host of each node. */
  readonly #hostOf = new Map<string, string>();
  readonly #starts = new WeakMap<VirtualAgent, Map<string, number[]>>();
  readonly #alone = new Alone();
  /** Agents that took orders. */
  readonly #ordered = new WeakSet<VirtualAgent>();
  /** Instances that were to end when nobody wanted them. */
  readonly #ending = new Set<string>();
  commits = 0;
  /** Commits that changed what runs where: not those that only note how nodes do. */
  decisions = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  wrong(invariant: number, text: string): void {
    this.violations.push(`invariant ${invariant}: ${text} (at ${(this.#nowMs() / 1_000).toFixed(3)} s)`);
  }

  spawned(host: Host, order: Order): void {
    const { id, node } = order.assignment;
    const assignment = this.#assigned.get(id);
    if (assignment === undefined) this.wrong(2, `${host.name} starts ${id}, which the store never had`);
    else if (assignment.node !== node) this.wrong(2, `${host.name} starts ${id}, which is assigned elsewhere`);
    else if ((this.#hostOf.get(node) ?? host.name) !== host.name) {
      this.wrong(2, `${host.name} starts ${id}, which is assigned to ${this.#hostOf.get(node)}`);
    }
    if (host.rebooted) this.wrong(2, `${host.name} starts ${id} after a reboot, before its first orders`);
    if (keepsData(order.spec)) this.#aloneAtHome(host, order);
    this.#notTooOften(host, order);
  }

  followed(host: Host, orders: Orders, before: Memory): void {
    const older = orders.epoch < before.epoch || (orders.epoch === before.epoch && orders.revision < before.revision);
    if (host.agent !== undefined) this.#ordered.add(host.agent);
    if (older) this.wrong(3, `${host.name} went back from ${before.epoch}.${before.revision}`);
  }

  answered({ name, disk }: Host, reply: OrdersReply): void {
    if (reply.kind !== "accepted") return;
    const { epoch, revision } = disk.memory;
    if (epoch < reply.epoch || (epoch === reply.epoch && revision < reply.revision)) {
      this.wrong(3, `${name} follows ${reply.epoch}.${reply.revision} and has ${epoch}.${revision} on its disk`);
    }
  }

  adopted(host: Host, process: Process, instance: string): void {
    if (process.own?.instance !== instance) this.wrong(10, `${host.name} takes process ${process.pid} for ${instance}`);
  }

  begun(host: Host, order: Order, process: Process): void {
    const { id } = order.assignment;
    // What nobody asks counts as ready once it runs.
    const afterMs = order.spec.health === undefined ? 0 : process.program.readyAfterMs;
    if (!this.#readyFrom.has(id)) this.#readyFrom.set(id, this.#nowMs() + afterMs);
    const words = this.#alone.begun(host, order, process);
    if (words !== undefined) this.wrong(4, words);
  }

  decided({ agent, disk }: Host, instance: string): void {
    const replica = disk.runs.get(instance)?.record.replica;
    const order = agent?.session.memory.replicas.find((one) => one.assignment.id === replica);
    if (order === undefined || order.assignment.draining) this.#ending.add(instance);
  }

  signalled(host: Host, process: Process, instance: string): void {
    if (process.own?.instance !== instance) {
      this.wrong(10, `${host.name} signals process ${process.pid}, which is not ${instance}`);
    }
    const order = host.agent?.session.memory.replicas.find((one) => one.assignment.id === process.own?.replica);
    // Nobody has to ask for that: it may have to end because nobody can, also when its order is forgotten.
    if (order !== undefined && isExclusive(order.spec)) return;
    if (host.disk.runs.get(instance)?.record.isolation !== undefined) return;
    const wanted = order !== undefined && !order.assignment.draining;
    // What was to end while nobody wanted it is brought to its end, before it begins anew.
    if (wanted && !this.#ending.has(instance) && host.agent?.session.leaving === false) {
      this.wrong(14, `${host.name} stops ${process.own?.replica}, which its orders want running`);
    }
    // Before its first orders an agent doesn't know enough to stop anything.
    if (host.agent !== undefined && !this.#ordered.has(host.agent) && !host.agent.session.leaving) {
      this.wrong(14, `${host.name} stops ${process.own?.replica} before its first orders`);
    }
  }

  /** The loop wants these changes; what it knows at this moment is what it must be right by. */
  planned(changes: readonly Change[], controller: Controller): void {
    judgePlan(changes, {
      controller,
      nowMs: this.#nowMs(),
      wrong: (invariant, text) => this.wrong(invariant, text),
      readyFromMs: (replica) => this.#readyFrom.get(replica),
      assignedMs: (replica) => this.#assignedMs.get(replica),
    });
  }

  published(service: string, endpoints: readonly Endpoint[], { loop }: Controller): void {
    if (loop !== undefined) judgeEndpoints(loop.state, { service, endpoints, wrong: this.wrong.bind(this) });
  }

  committed(commit: Commit, ledger: Ledger): void {
    this.commits += 1;
    if (commit.changes.some(isDecision)) this.decisions += 1;
    const slots = new Set<string>();
    for (const change of commit.changes) this.#changed(change, { slots, revision: commit.revision });
    this.#notTooMany(slots, ledger);
  }

  #changed(change: Change, { slots, revision }: { slots: Set<string>; revision: number }): void {
    if (change.op === "delete") {
      const id = change.key.slice(change.key.indexOf("/") + 1);
      const gone = this.#assigned.get(id);
      if (gone !== undefined) {
        slots.add(nameOf(gone));
        this.#forgotten.add(id);
      }
      // What was kept on a removed node is given up, as is what a removed service kept.
      const host = this.#hostOf.get(id);
      this.#hostOf.delete(id);
      for (const [slot, home] of this.#homes) {
        if (home === host || change.key === `slot/${slot}`) this.#homes.delete(slot);
      }
      return;
    }
    const { record } = change;
    if (record.type === "node") this.#hostOf.set(record.id, new URL(record.url).hostname);
    if (record.type !== "assignment") return;
    slots.add(nameOf(record));
    if (!this.#assigned.has(record.id)) {
      this.#fenced(record, revision);
      this.#assignedMs.set(record.id, this.#nowMs());
    }
    this.#assigned.set(record.id, record);
  }

  #fenced(record: AssignmentRecord, revision: number): void {
    const slot = nameOf(record);
    if (record.fence !== revision) this.wrong(3, `the fence of ${slot} is ${record.fence} at revision ${revision}`);
    if (record.fence <= (this.#fences.get(slot) ?? -1)) this.wrong(3, `the fence of ${slot} did not grow`);
    this.#fences.set(slot, record.fence);
  }

  /** A slot's data is in the hands of one process, and on one host for as long as no node is removed. */
  #aloneAtHome(host: Host, { assignment }: Order): void {
    const slot = nameOf(assignment);
    const isForgotten = this.#forgotten.has(assignment.id) || !this.#hostOf.has(assignment.node);
    const home = isForgotten ? host.name : this.#homes.get(slot) ?? host.name;
    if (!isForgotten) this.#homes.set(slot, home);
    if (home !== host.name) this.wrong(4, `${slot} begins on ${host.name} without its data, which is on ${home}`);
    for (const { own } of host.table.own) {
      const other = this.#assigned.get(own?.replica ?? "");
      if (other !== undefined && nameOf(other) === slot) {
        this.wrong(4, `${slot} begins on ${host.name} while another process of it is there`);
      }
    }
  }

  #notTooOften({ name, agent }: Host, { assignment }: Order): void {
    if (agent === undefined) return;
    const starts = this.#starts.get(agent) ?? new Map<string, number[]>();
    this.#starts.set(agent, starts);
    const nowMs = this.#nowMs();
    const lately = [...starts.get(assignment.id) ?? [], nowMs].filter((atMs) => nowMs - atMs < STARTS_WITHIN_MS);
    starts.set(assignment.id, lately);
    if (lately.length <= STARTS_MAX) return;
    this.wrong(13, `${name} starts ${nameOf(assignment)} ${lately.length} times within ${STARTS_WITHIN_MS} ms`);
  }

  #notTooMany(slots: ReadonlySet<string>, { records }: Ledger): void {
    if (slots.size === 0) return;
    const staying = new Map<string, number>();
    for (const { record } of records.values()) {
      if (record.type !== "assignment" || record.draining || !slots.has(nameOf(record))) continue;
      const follows = record.successor_of !== null && records.has(`assignment/${record.successor_of}`);
      if (!follows) staying.set(nameOf(record), (staying.get(nameOf(record)) ?? 0) + 1);
    }
    for (const [slot, count] of staying) {
      if (count > 1) this.wrong(6, `${slot} has ${count} replicas that mean to stay`);
    }
  }
}

function isDecision(change: Change): boolean {
  return change.op === "delete" ? !change.key.startsWith("node/") : change.record.type !== "node";
}
