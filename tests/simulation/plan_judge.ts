/**
 * Judges what a loop wants to commit, by what it knows at that moment.
 * @module
 */
import { MASS_LOSS_WINDOW_MS } from "../../lib/cluster/mass_loss.ts";
import { type Change, keyOfChange } from "../../lib/cluster/record.ts";
import { type AssignmentRecord, nameOf } from "../../lib/cluster/replica.ts";
import { type ClusterState, isRecovering } from "../../lib/cluster/state.ts";
import { isExclusive } from "../../lib/cluster/isolation.ts";
import { takesTurns } from "../../lib/cluster/surroundings.ts";
import type { Controller } from "./controller.ts";
import { judgeLastEndpoint } from "./endpoint_judge.ts";
import { judgeMoves, judgePlaces } from "./move_judge.ts";
import { isNew } from "./rollout_arithmetic.ts";
import { judgeRollouts } from "./rollout_judge.ts";

export interface Court {
  controller: Controller;
  nowMs: number;
  wrong: (invariant: number, text: string) => void;
  /** When a replica's first process was to be ready; undefined where it never had one. */
  readyFromMs: (replica: string) => number | undefined;
  /** When the store had a replica's assignment. */
  assignedMs: (replica: string) => number | undefined;
}

export function judgePlan(changes: readonly Change[], court: Court): void {
  const state = court.controller.loop?.state;
  if (state === undefined) return;
  for (const change of changes) {
    if (change.op === "delete") givenUp(change.key, state, court);
    else if (change.record.type === "assignment" && change.record.draining) withdrawn(change.record, state, court);
    else if (change.record.type === "node" && change.record.lost) lostTooSoon(change.record.id, state, court);
  }
  judgeLastEndpoint(changes, state, court);
  judgeRollouts(changes, state, court);
  judgeMoves(changes, state, court);
  judgePlaces(changes, state, court);
  const decides = changes.some((change) => !keyOfChange(change).startsWith("node/"));
  if (decides && isRecovering(state, court.nowMs)) {
    court.wrong(14, `it decides while ${state.unheard.size} nodes have yet to be heard`);
  }
}

/** A replica that is wanted and ready may only be withdrawn when another one is, unless that is what updates are judged by. */
function withdrawn(record: AssignmentRecord, state: ClusterState, { wrong }: Court): void {
  const replica = state.replicas.get(record.id);
  const service = state.services.get(record.service);
  if (replica === undefined || service === undefined || service.record.removed) return;
  if (!isNew(service.record, record) || record.reason.startsWith("makes room")) return;
  if (replica.record.draining || record.slot >= service.record.desired || replica.observed?.ready !== true) return;
  const node = state.nodes.get(record.node);
  if (node === undefined || node.liveness === "lost" || node.leaving || replica.record.successor_of !== null) return;
  // A node that is drained has to be left, and of an exclusive service nothing may be begun before that.
  if (node.record.draining && isExclusive(service.record.spec)) return;
  const wanted = Array.from({ length: service.record.desired }, (_, slot) => slot);
  const mates = (service.slots.get(record.slot) ?? []).filter((id) => id !== record.id);
  const isObservedReady = (id: string) => state.replicas.get(id)?.observed?.ready === true;
  // Where one ends before the other begins, nothing can stand in: all the others have to be well then.
  const covered = takesTurns(service.record.spec)
    ? wanted.every((slot) => (service.slots.get(slot) ?? []).some(isObservedReady))
    : mates.some(isObservedReady);
  if (!covered) wrong(5, `${nameOf(record)} is withdrawn while nothing stands in: ${record.reason}`);
}

/** A node is given up once it has been silent for long enough, and not for a lost message. */
function lostTooSoon(id: string, { nodes, lossRule }: ClusterState, { nowMs, wrong }: Court): void {
  const node = nodes.get(id);
  if (node === undefined || node.record.lost || node.cause === "goodbye") return;
  // The count begins anew after a pause; whoever had been found to be lost before stays so.
  if (node.sinceMs < node.heardMs) return;
  const silentMs = nowMs - node.heardMs;
  if (silentMs < lossRule.lostAfterMs) wrong(14, `${node.record.name} is given up after ${silentMs} ms`);
}

/** Where most nodes have vanished together, what they carry stays theirs: the controller may be what is cut off. */
function givenUp(key: string, state: ClusterState, { wrong }: Court): void {
  const record = state.replicas.get(key.slice(key.indexOf("/") + 1))?.record;
  const node = state.nodes.get(record?.node ?? "");
  if (record === undefined || record.draining || node?.liveness !== "lost" || node.cause === "goodbye") return;
  const service = state.services.get(record.service)?.record;
  // What nobody wants any more may be forgotten anyway.
  if (service === undefined || service.removed || record.slot >= service.desired) return;
  const turned = [...state.massLoss.turned.values()];
  const together = turned.filter((atMs) => Math.max(...turned) - atMs <= MASS_LOSS_WINDOW_MS).length;
  if (together > 1 && together * 2 > state.nodes.size) {
    wrong(14, `${nameOf(record)} is moved while ${together} of ${state.nodes.size} nodes are away`);
  }
}
