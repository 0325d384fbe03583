/**
 * What would happen if something were changed: the real `apply` and `plan` play it through on a copy of the state, with
 * agents that do at once what they are told and programs that get ready, and with time that passes as fast as there is
 * nothing to do. The same code that decides later decides here, so what is said is what then happens, as long as nothing
 * else does. A large service takes seconds to play: that is done in slices, so that nothing else waits for it. Touches
 * nothing.
 * @module
 */
import { apply } from "../../cluster/apply.ts";
import { copyState } from "../../cluster/copy_state.ts";
import type { Change } from "../../cluster/record.ts";
import { type Observation, phaseOf, type ReplicaState } from "../../cluster/replica.ts";
import type { ClusterState } from "../../cluster/state.ts";
import type { Action, Wait } from "../../plan/action.ts";
import { plan } from "../../plan/plan.ts";
import { seededRandom } from "../../runtime/random.ts";
import type { PlannedAction } from "../../wire/change.ts";
import { transactionOf } from "../loop/transaction.ts";

const ACTIONS_MAX = 10_000;
/** How often it is decided: each time costs by the size of what is changed. */
const DECISIONS_MAX = 2_500;
const PLAYED_MAX_MS = 7_200_000;
const MS_PER_HOUR = 3_600_000;
/** Ids are made up here and never shown; they must not be those of a run that began with a seed of people. */
const SEED = 0x1d_5eed_1d5;
/** What is pretended of every program. */
const PORT = 1;

export interface Preview {
  /** In the order in which they would be taken. */
  actions: PlannedAction[];
  /** What would be left waiting; where it was cut short only what was blocked then, as the turn of the rest may come. */
  waits: Wait[];
  /** Services that would not have come to what is wanted of them. */
  left: ReadonlySet<string>;
  /** Why it was not played to its end, if so. */
  cutShort: string | null;
}

export interface Moment {
  /** The monotonic time. */
  nowMs: number;
  /** The time of day, RFC 3339. */
  wall: string;
  /** Awaited between decisions, as many of them take long. */
  turn: () => Promise<void>;
}

/** Plays the changes through, from the state as it is at the call. */
export async function preview(state: ClusterState, changes: Change[], { nowMs, wall, turn }: Moment): Promise<Preview> {
  const play: Play = { state: copyState(state), nowMs, moving: new Set() };
  for (const replica of play.state.replicas.values()) if (isMoving(replica)) play.moving.add(replica.record.id);
  // What is balanced later, when all of it is done, is no part of the change.
  play.state.placing = { ...play.state.placing, rebalanceAfterMs: undefined };
  play.state.balance.asked = false;
  const random = seededRandom(SEED);
  const untilMs = nowMs + PLAYED_MAX_MS;
  const actions: PlannedAction[] = [];
  let blocked: Wait[] = [];
  const cut = (cutShort: string): Preview => ({ actions, waits: blocked, left: play.state.unsettled, cutShort });
  let next = changes;
  for (let decisions = 0; decisions < DECISIONS_MAX; decisions++) {
    await turn();
    if (next.length > 0) commit(play, next);
    obey(play, wall);
    const { actions: decided, waits, wakeMs, balance } = plan(play.state, play.nowMs);
    blocked = waits.filter(({ kind }) => kind === "blocked");
    if (balance !== undefined) apply(play.state, { kind: "balance_weighed", found: balance }, play.nowMs);
    actions.push(...decided.flatMap((action) => shown(play.state, action)));
    next = transactionOf(play.state, decided, { random, wall }).changes;
    if (actions.length > ACTIONS_MAX) {
      actions.length = ACTIONS_MAX;
      return cut(`only the first ${ACTIONS_MAX} actions are played`);
    }
    if (next.length > 0) continue;
    if (wakeMs === undefined || wakeMs <= play.nowMs) {
      return { actions, waits, left: play.state.unsettled, cutShort: null };
    }
    if (wakeMs > untilMs) return cut(`only the first ${PLAYED_MAX_MS / MS_PER_HOUR} hours are played`);
    play.nowMs = wakeMs;
  }
  return cut(`only the first ${DECISIONS_MAX} decisions are played`);
}

interface Play {
  state: ClusterState;
  nowMs: number;
  /** Replicas of which something new is to be seen. */
  moving: Set<string>;
}

/** Whether a replica is starting or stopping and will get there: a preview takes one that fails to go on failing. */
function isMoving({ record, observed }: ReplicaState): boolean {
  if (record.draining) return observed?.phase !== "exited" || observed.final !== true;
  if (observed === undefined) return true;
  return (observed.phase === "pending" || observed.phase === "starting") && observed.crashes === 0;
}

function commit(play: Play, changes: Change[]): void {
  const { state } = play;
  apply(state, { kind: "committed", commit: { revision: state.revision + 1, changes } }, play.nowMs);
  for (const change of changes) {
    if (change.op === "put" && change.record.type === "assignment") play.moving.add(change.record.id);
  }
}

/** What is to run is ready, what is to stop has ended; what is out of reach stays as it is. */
function obey(play: Play, wall: string): void {
  for (const id of play.moving) {
    const replica = play.state.replicas.get(id);
    const node = play.state.nodes.get(replica?.record.node ?? "");
    if (replica === undefined || node === undefined || phaseOf(replica, node) === "lost") play.moving.delete(id);
    else if (node.liveness === "ready") {
      play.moving.delete(id);
      if (!isMoving(replica)) continue;
      apply(
        play.state,
        { kind: "observed", node: node.record.id, observation: observationOf(replica, wall) },
        play.nowMs,
      );
    }
  }
}

function observationOf({ record, observed }: ReplicaState, wall: string): Observation {
  const runs = !record.draining;
  return {
    replica: record.id,
    service: record.service,
    slot: record.slot,
    instance: observed?.instance ?? record.id,
    phase: runs ? "running" : "exited",
    ready: runs,
    pid: null,
    port: runs ? PORT : null,
    ports: {},
    started_at: observed?.started_at ?? wall,
    restarts: observed?.restarts ?? 0,
    crashes: observed?.crashes ?? 0,
    exit: null,
    final: !runs,
    reason: "",
    last_words: [],
  };
}

/** An action as people are told of it; what is only noted of nodes is no part of a plan. */
function shown(state: ClusterState, action: Action): PlannedAction[] {
  const { kind, reason } = action;
  switch (action.kind) {
    case "start": {
      const { service, slot, node, generation } = action;
      return [{ kind, service, slot, node, node_name: nodeName(state, node), generation, reason }];
    }
    case "stop":
    case "forget": {
      const record = state.replicas.get(action.replica)?.record;
      if (record === undefined) return [];
      const { service, slot, node, generation } = record;
      return [{ kind, service, slot, node, node_name: nodeName(state, node), generation, reason }];
    }
    case "mark":
    case "end_drain":
      return [];
    case "promote":
    case "finish_rollout":
    case "roll_back":
    case "drop_service": {
      const generation = state.services.get(action.service)?.record.generation ?? 0;
      return [{ kind, service: action.service, slot: null, node: null, node_name: null, generation, reason }];
    }
    default:
      return action satisfies never;
  }
}

function nodeName(state: ClusterState, node: string): string | null {
  return state.nodes.get(node)?.record.name ?? null;
}
