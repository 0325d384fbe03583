/**
 * The actions of one plan as one transaction: ids are minted here, and every new assignment's fence is the revision at
 * which it will be committed, which the store guarantees by the expected revision.
 * @module
 */
import { type Change, put, remove } from "../../cluster/record.ts";
import { nameOf } from "../../cluster/replica.ts";
import { specOf } from "../../cluster/service_record.ts";
import type { Happening } from "../../cluster/event.ts";
import type { ClusterState } from "../../cluster/state.ts";
import { keepsData } from "../../cluster/surroundings.ts";
import type { Action } from "../../plan/action.ts";
import type { Random } from "../../runtime/random.ts";
import { rolloutStep } from "./rollout_step.ts";

export interface Transaction {
  changes: Change[];
  expectedRevision: number;
  /** What to tell once it is committed. */
  happenings: Happening[];
}

/** What a transaction needs beyond the state: ids, and the time of day, RFC 3339, for people to read. */
export interface Minting {
  random: Random;
  wall: string;
}

export function transactionOf(state: ClusterState, actions: readonly Action[], minting: Minting): Transaction {
  const transaction: Transaction = { changes: [], expectedRevision: state.revision, happenings: [] };
  for (const action of actions) {
    const step = stepOf(state, action, minting);
    if (step === undefined) continue;
    transaction.changes.push(...step.changes);
    if (step.happening !== undefined) transaction.happenings.push(step.happening);
  }
  return transaction;
}

/** What one action changes, and what is told of it. */
export interface Step {
  changes: Change[];
  happening?: Happening;
}

function stepOf(state: ClusterState, action: Action, { random, wall }: Minting): Step | undefined {
  switch (action.kind) {
    case "start":
      return startStep(state, action, random);
    case "stop":
    case "forget":
      return endStep(state, action);
    case "mark": {
      const node = state.nodes.get(action.node);
      if (node === undefined) return undefined;
      return { changes: [put({ ...node.record, lost: action.lost, losses: action.losses })] };
    }
    case "end_drain": {
      const node = state.nodes.get(action.node);
      if (node === undefined || node.record.drain === null) return undefined;
      return { changes: [put({ ...node.record, drain: { ...node.record.drain, overdue: true } })] };
    }
    case "promote":
    case "finish_rollout":
    case "roll_back":
      return rolloutStep(state, action, wall);
    case "drop_service":
      return dropStep(state, action);
    default:
      return action satisfies never;
  }
}

function dropStep(state: ClusterState, action: Extract<Action, { kind: "drop_service" }>): Step | undefined {
  const service = state.services.get(action.service);
  if (service === undefined) return undefined;
  const homes = [...service.homes].map(([slot, node]) => remove({ type: "slot", service: action.service, slot, node }));
  const rollout = service.rollout === undefined ? [] : [remove(service.rollout.record)];
  return { changes: [...homes, ...rollout, remove(service.record)] };
}

function startStep(state: ClusterState, action: Extract<Action, { kind: "start" }>, random: Random): Step {
  const id = random.uuid();
  const { service, slot, node, reason } = action;
  const change = put({
    type: "assignment",
    id,
    service,
    slot,
    generation: action.generation,
    node,
    fence: state.revision + 1,
    restart_seq: 0,
    draining: false,
    successor_of: action.successorOf,
    crashes_before: action.crashesBefore,
    reason,
  });
  const text = `${service}.${slot} is assigned to ${state.nodes.get(node)?.record.name ?? node}: ${reason}`;
  const happening: Happening = { kind: "replica_assigned", severity: "info", text, service, node, replica: id };
  return { changes: [change, ...homeOfStarted(state, action)], happening };
}

/** Where a slot keeps data it will have to be begun again, and one that likes to stay will be if it can. */
function homeOfStarted(state: ClusterState, action: Extract<Action, { kind: "start" }>): Change[] {
  const { service, slot, generation, node } = action;
  const own = state.services.get(service);
  if (own === undefined || own.homes.get(slot) === node) return [];
  const spec = specOf(own.record, generation);
  if (!keepsData(spec) && !spec.placement.sticky) return [];
  return [put({ type: "slot", service, slot, node })];
}

function endStep(state: ClusterState, action: Extract<Action, { kind: "stop" | "forget" }>): Step | undefined {
  const record = state.replicas.get(action.replica)?.record;
  if (record === undefined) return undefined;
  const { service, node, id } = record;
  const on = `${nameOf(record)} on ${state.nodes.get(node)?.record.name ?? "a removed node"}`;
  const fields = { severity: "info" as const, service, node, replica: id };
  if (action.kind === "stop") {
    const change = put({ ...record, draining: true, reason: action.reason });
    return {
      changes: [change],
      happening: { kind: "replica_stopping", text: `${on} is stopped: ${action.reason}`, ...fields },
    };
  }
  // That a stopped replica is forgotten is no news; that a running one is, is.
  if (record.draining) return { changes: [remove(record)] };
  return {
    changes: [remove(record)],
    happening: { kind: "replica_given_up", text: `${on} is given up: ${action.reason}`, ...fields },
  };
}
