/**
 * A cluster in the hand of a test: the real `apply` and `plan` with a store that is a counter and agents that do at once
 * what they are told, unless the test says otherwise. `step` takes one decision; `settle` takes them until none is left.
 * What was decided is kept as lines, so that a test can compare a whole story.
 * @module
 */
import { apply } from "../../lib/cluster/apply.ts";
import type { Event, Happening } from "../../lib/cluster/event.ts";
import type { NodeState } from "../../lib/cluster/node.ts";
import { type Change, put, type StoreRecord } from "../../lib/cluster/record.ts";
import { nameOf, type Observation, type ReplicaState } from "../../lib/cluster/replica.ts";
import { type ClusterState, emptyState } from "../../lib/cluster/state.ts";
import { transactionOf } from "../../lib/controller/loop/transaction.ts";
import type { Action, Plan } from "../../lib/plan/action.ts";
import { plan } from "../../lib/plan/plan.ts";
import { seededRandom } from "../../lib/runtime/random.ts";
import { idOf, node, observation } from "./builders.ts";

/** More decisions than any settling takes, unless it never does. */
const STEPS_MAX = 200;
const WALL = "2030-01-01T00:00:00.000Z";

export class LittleCluster {
  readonly state: ClusterState = emptyState({ misses: 3, lostAfterMs: 3_000 });
  nowMs = 0;
  /** What was decided, in words. */
  readonly story: string[] = [];
  readonly happenings: Happening[] = [];
  /** Services whose replicas never get ready, and nodes that do nothing of what they are told. */
  readonly neverReady = new Set<string>();
  readonly silent = new Set<string>();
  readonly #random = seededRandom(1);

  /** Nodes `n1` to `n<count>`, all ready, and these records. */
  static of(count: number, ...records: StoreRecord[]): LittleCluster {
    const cluster = new LittleCluster();
    const nodes = Array.from({ length: count }, (_, at) => node(at + 1));
    cluster.put(...nodes, ...records);
    for (const { name } of nodes) cluster.hear(name);
    return cluster;
  }

  tell(event: Event): Happening[] {
    const told = apply(this.state, event, this.nowMs);
    this.happenings.push(...told);
    return told;
  }

  put(...records: StoreRecord[]): Happening[] {
    return this.commit(records.map(put));
  }

  commit(changes: Change[]): Happening[] {
    return this.tell({ kind: "committed", commit: { revision: this.state.revision + 1, changes } });
  }

  node(name: string): NodeState {
    const found = this.state.nodesByName.find(({ record }) => record.name === name);
    if (found === undefined) throw new Error(`Cannot find node ${name}: there is none of this name`);
    return found;
  }

  hear(name: string): Happening[] {
    return this.tell({ kind: "heard", node: this.node(name).record.id, version: "1", leaving: false });
  }

  /** Lets a node miss as many probes as it takes to be lost. */
  lose(...names: string[]): void {
    for (let probe = 0; probe < 4; probe++) {
      for (const name of names) this.tell({ kind: "missed", node: this.node(name).record.id });
      if (probe < 3) this.nowMs += 1_000;
    }
  }

  plan(): Plan {
    return plan(this.state, this.nowMs);
  }

  /** Takes one decision and commits it. Returns how many actions it had. */
  step(): number {
    const { actions, balance } = this.plan();
    if (balance !== undefined) this.tell({ kind: "balance_weighed", found: balance });
    if (actions.length === 0) return 0;
    this.story.push(...actions.map((action) => this.inWords(action)));
    this.commit(transactionOf(this.state, actions, { random: this.#random, wall: WALL }).changes);
    return actions.length;
  }

  /** Agents do what they were told: what is to run is ready, what is to stop has ended. */
  obey(): void {
    for (const replica of [...this.state.replicas.values()]) {
      const { record } = replica;
      const at = this.state.nodes.get(record.node);
      if (at === undefined || at.liveness === "lost" || this.silent.has(at.record.name)) continue;
      const ready = !this.neverReady.has(record.service);
      const obeyed = record.draining
        ? observation(record, { phase: "exited", final: true, ready: false, pid: null, port: null })
        : observation(record, ready ? {} : { phase: "starting", ready: false });
      if (JSON.stringify(replica.observed) !== JSON.stringify(obeyed)) this.observe(obeyed, record.node);
    }
  }

  observe(seen: Observation, at: string = idOf("node", 1)): Happening[] {
    return this.tell({ kind: "observed", node: at, observation: seen });
  }

  /** Decides and obeys until nothing is left to decide; returns the story since it began. */
  settle(): string[] {
    const from = this.story.length;
    for (let step = 0; step < STEPS_MAX; step++) {
      this.obey();
      if (this.step() === 0) return this.story.slice(from);
    }
    throw new Error(`Cannot settle: still deciding after ${STEPS_MAX} steps: ${this.story.slice(-8).join("\n")}`);
  }

  /** As `settle`, and lets time pass for as long as that alone brings something about, an hour at most. */
  settleInTime(): string[] {
    const from = this.story.length;
    const untilMs = this.nowMs + 3_600_000;
    while (true) {
      this.settle();
      const { wakeMs } = this.plan();
      if (wakeMs === undefined || wakeMs <= this.nowMs || wakeMs > untilMs) return this.story.slice(from);
      this.nowMs = wakeMs;
    }
  }

  replicas(name: string): ReplicaState[] {
    return [...this.state.replicas.values()].filter(({ record }) => record.service === name)
      .sort((a, b) => a.record.slot - b.record.slot || a.record.fence - b.record.fence);
  }

  /** Where the replicas of a service are, by slot. */
  placesOf(name: string): string[] {
    return this.replicas(name).map(({ record }) => this.state.nodes.get(record.node)?.record.name ?? "?");
  }

  ready(name: string): number {
    return this.state.services.get(name)?.ready ?? 0;
  }

  inWords(action: Action): string {
    const nodeName = (id: string) => this.state.nodes.get(id)?.record.name ?? "a removed node";
    switch (action.kind) {
      case "start": {
        const how = action.successorOf === null ? "start" : "succeed";
        return `${how} ${action.service}.${action.slot} on ${nodeName(action.node)}: ${action.reason}`;
      }
      case "stop":
      case "forget": {
        const record = this.state.replicas.get(action.replica)?.record;
        const name = record === undefined ? "?" : `${nameOf(record)} on ${nodeName(record.node)}`;
        return `${action.kind} ${name}: ${action.reason}`;
      }
      case "mark":
        return `mark ${nodeName(action.node)} ${action.lost ? "lost" : "back"}, ${action.losses}: ${action.reason}`;
      case "end_drain":
        return `end drain of ${nodeName(action.node)}: ${action.reason}`;
      case "promote":
        return `promote ${action.service}: ${action.reason}`;
      case "finish_rollout":
        return `${action.phase} ${action.service}: ${action.reason}`;
      case "roll_back":
        return `roll back ${action.service} to ${action.to}: ${action.reason}`;
      case "drop_service":
        return `drop ${action.service}: ${action.reason}`;
      default:
        return action satisfies never;
    }
  }
}
