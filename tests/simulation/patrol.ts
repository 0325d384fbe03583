/**
 * Looks at a run once in a while for what may be so for a moment and must not last, and for what must never grow.
 * @module
 */
import type { NodeState } from "../../lib/cluster/node.ts";
import type { ClusterState, ServiceState } from "../../lib/cluster/state.ts";
import { keepsData } from "../../lib/cluster/surroundings.ts";
import { HISTORY_MAX } from "../../lib/cluster/service_record.ts";
import { parseDurationMs } from "../../lib/runtime/duration.ts";
import type { Controller } from "./controller.ts";
import type { Host } from "./host.ts";
import { underWay } from "./rollout_arithmetic.ts";
import { leaderOf, type Stage } from "./stage.ts";

const ROUND_MS = 1_000;
/** The longest stop timeout, a probe, the pause after refused orders, and the deadline of the next. */
const OUTLIVE_MAX_MS = 30_000;
/** From the goodbye of a node until what it carried is assigned elsewhere. */
const MOVE_MAX_MS = 20_000;
/** From a failure that can be seen until the rollout is given up: the time for a commit, and some. */
const GIVEN_UP_MS = 5_000;
/** So many crashes of one new replica are a failure. */
const CRASHES_MAX = 3;
const LISTENERS_MAX = 16;
/** Instances on the disk of a host beyond the replicas in its orders: those that end, and those that no order names. */
const RUNS_OVER_MAX = 60;

export class Patrol {
  readonly #stage: Stage;
  /** Since when each thing is so that must not last. */
  readonly #since = new Map<string, number>();
  /** Replicas that were seen to be ready. */
  readonly #answered = new Set<string>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  begin(): void {
    this.#stage.timeline.after(ROUND_MS, () => {
      this.#look();
      this.begin();
    });
  }

  #look(): void {
    const seen = new Set<string>();
    const leader = leaderOf(this.#stage);
    const state = leader?.loop?.state;
    if (leader !== undefined && state !== undefined && leader.isWell && this.#alone(leader)) {
      for (const host of this.#stage.hosts) this.#outlived(host, { leader, state, seen });
      this.#notMoved(state, seen);
      for (const service of state.services.values()) this.#notTurnedBack(service, state, seen);
    }
    for (const key of [...this.#since.keys()]) if (!seen.has(key)) this.#since.delete(key);
    if (state !== undefined) this.#bounded(state);
  }

  /** Whoever else takes itself for the leader may still do harm, and that is judged elsewhere. */
  #alone(leader: Controller): boolean {
    return this.#stage.controllers.every((other) => other === leader || other.loop === undefined);
  }

  /** No instance outlives its assignment for long while its agent is there to be told. */
  #outlived(host: Host, { leader, state, seen }: { leader: Controller; state: ClusterState; seen: Set<string> }): void {
    const node = state.nodesByName.find(({ record }) => record.url === host.url);
    if (node === undefined || state.unheard.has(node.record.id)) return;
    if (this.#stage.addresses.get(host.name) !== host) return;
    if (host.agent?.isResponsive !== true || !leader.network.isWell(host.name)) return;
    for (const { own } of host.table.own) {
      const record = this.#stage.ledger.records.get(`assignment/${own?.replica}`)?.record;
      if (record?.type === "assignment" && !record.draining) continue;
      if (own !== undefined) {
        this.#lasts(`${host.name} runs ${own.replica}, which is to be stopped`, {
          invariant: 9,
          maxMs: OUTLIVE_MAX_MS,
          seen,
        });
      }
    }
  }

  /** What a node carried that said goodbye is moved at once, whatever has become of the others. */
  #notMoved(state: ClusterState, seen: Set<string>): void {
    const open = state.nodesByName.filter(({ liveness, leaving, record }) =>
      liveness === "ready" && !leaving && !record.draining && record.losses < 2
    );
    if (open.length === 0 || state.unheard.size > 0) return;
    for (const node of state.nodesByName) {
      if (node.liveness !== "lost" || node.cause !== "goodbye") continue;
      for (const id of node.replicas) {
        const record = state.replicas.get(id)?.record;
        const service = state.services.get(record?.service ?? "")?.record;
        if (record === undefined || service === undefined || keepsData(service.spec)) continue;
        if (!open.some((other) => freeCoresOf(other, state) >= service.spec.resources.cpu)) continue;
        const words = `${record.service}.${record.slot} stays on ${node.record.name}, which said goodbye`;
        this.#lasts(words, { invariant: 8, maxMs: MOVE_MAX_MS, seen });
      }
    }
  }

  /** A release that is seen to be bad is given up soon: it crashes again and again, or is not ready when it should be. */
  #notTurnedBack(service: ServiceState, state: ClusterState, seen: Set<string>): void {
    const { record } = service;
    const rollout = underWay(service);
    if (rollout?.cause !== "release" || rollout.paused || record.removed || state.unheard.size > 0) return;
    const patienceMs = parseDurationMs(record.spec.health?.start_period ?? "0s");
    for (const id of [...service.slots.values()].flat()) {
      const replica = state.replicas.get(id);
      const observed = replica?.observed;
      if (replica === undefined || observed === undefined || replica.record.generation !== rollout.to) continue;
      if (replica.record.draining || replica.record.slot >= record.desired) continue;
      // A controller that has just started, or has just come to lead, counts anew.
      const words = `generation ${rollout.to} of ${record.name} is kept in epoch ${state.epoch} although ${id}`;
      if (observed.crashes >= CRASHES_MAX) this.#lasts(`${words} crashes`, { invariant: 5, maxMs: GIVEN_UP_MS, seen });
      else if (observed.phase === "running" && !observed.ready && observed.restarts === 0) {
        const maxMs = patienceMs + GIVEN_UP_MS;
        // One that was ready once may be mended where it is.
        if (!this.#answered.has(id)) this.#lasts(`${words} is not ready`, { invariant: 5, maxMs, seen });
      } else if (observed.ready) this.#answered.add(id);
    }
  }

  #lasts(words: string, { invariant, maxMs, seen }: { invariant: number; maxMs: number; seen: Set<string> }): void {
    const { nowMs } = this.#stage.timeline;
    const sinceMs = this.#since.get(words) ?? nowMs;
    this.#since.set(words, sinceMs);
    seen.add(words);
    if (nowMs - sinceMs > maxMs && nowMs - sinceMs <= maxMs + ROUND_MS) {
      this.#stage.judge.wrong(invariant, `${words}, for ${nowMs - sinceMs} ms`);
    }
  }

  #bounded(state: ClusterState): void {
    const tooMany = (what: string, found: number, max: number) => {
      if (found > max) this.#stage.judge.wrong(15, `${found} ${what}: ${max} at most`);
    };
    const { nodes, massLoss, unheard, services, unsettled, unmarked } = state;
    tooMany("nodes that went away", massLoss.turned.size, nodes.size);
    tooMany("nodes that are waited for", unheard.size, nodes.size);
    tooMany("nodes whose records are behind", unmarked.size, nodes.size);
    tooMany("services to be looked at", unsettled.size, services.size);
    for (const { record } of services.values()) {
      // One more may be kept: the last that was good.
      tooMany(`former generations of ${record.name}`, record.history.length, HISTORY_MAX + 1);
    }
    for (const { name, agent, disk } of this.#stage.hosts) {
      tooMany(`listeners on ${name}`, agent?.listeners.size ?? 0, LISTENERS_MAX);
      tooMany(`instances on the disk of ${name}`, disk.runs.size, disk.memory.replicas.length + RUNS_OVER_MAX);
    }
  }
}

function freeCoresOf({ record, replicas }: NodeState, state: ClusterState): number {
  const reserved = [...replicas].map((id) => state.replicas.get(id)?.resources.cpu ?? 0);
  return record.capacity.cpu - reserved.reduce((sum, cpu) => sum + cpu, 0);
}
