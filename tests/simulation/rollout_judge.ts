/**
 * Judges what a loop wants to do about a service that is on its way from one generation to the next: how many may be
 * missing and how many there may be beside, what is merely tried, what is paused, when it is over, and the way back.
 * @module
 */
import { parseDurationMs } from "../../lib/runtime/duration.ts";
import type { Change } from "../../lib/cluster/record.ts";
import { type AssignmentRecord, nameOf } from "../../lib/cluster/replica.ts";
import type { RolloutRecord } from "../../lib/cluster/rollout.ts";
import type { ServiceRecord } from "../../lib/cluster/service_record.ts";
import type { ClusterState, ServiceState } from "../../lib/cluster/state.ts";
import type { Court } from "./plan_judge.ts";
import {
  isNew,
  isSeenReady,
  isServing,
  isToBeLeft,
  isTurnTaker,
  limitsOf,
  stayingOf,
  triedOf,
  underWay,
} from "./rollout_arithmetic.ts";

interface Case extends Court {
  state: ClusterState;
  service: ServiceState;
  before: ReadonlyMap<string, AssignmentRecord>;
  after: ReadonlyMap<string, AssignmentRecord>;
  changes: readonly Change[];
}

export function judgeRollouts(changes: readonly Change[], state: ClusterState, court: Court): void {
  const names = new Set(changes.flatMap((change) => {
    if (change.op === "delete") return state.replicas.get(change.key.slice("assignment/".length))?.record.service ?? [];
    const { record } = change;
    return record.type === "assignment" || record.type === "rollout" ? record.service : [];
  }));
  for (const name of names) {
    const service = state.services.get(name);
    if (service === undefined || service.record.removed) continue;
    const own: Case = { ...court, state, service, changes, ...stayingOf(state, service, changes) };
    enoughAreLeft(own);
    for (const record of own.before.values()) if (!own.after.has(record.id)) mayGo(own, record);
    notTooManyBeside(own);
    for (const change of changes) {
      if (change.op === "put" && change.record.type === "rollout" && change.record.service === name) {
        stepIsDue(own, change.record);
      }
    }
  }
}

/** No more are missing for a rollout than its policy allows. */
function enoughAreLeft(own: Case): void {
  const { state, service, before, after, wrong } = own;
  const { record, rollout } = service;
  const answering = (replicas: Iterable<AssignmentRecord>) =>
    new Set(
      [...replicas].filter((one) => one.slot < record.desired && isServing(state, service, one)).map(({ slot }) =>
        slot
      ),
    );
  const excused = [...before.values()].filter((one) => !after.has(one.id) && isExcused(own, one));
  const [had, has] = [answering(before.values()), answering([...after.values(), ...excused])];
  const { missing } = limitsOf(record, rollout?.record);
  const least = Math.min(had.size, record.desired - missing);
  if (has.size < least) wrong(5, `${record.name} is left with ${has.size} of ${had.size} ready: ${least} are promised`);
}

/** What has to go whatever a rollout promises. */
function isExcused({ state, service, changes }: Case, { id, node, slot }: AssignmentRecord): boolean {
  const change = changes.find((one) => one.op === "put" && one.record.type === "assignment" && one.record.id === id);
  const reason = change?.op === "put" && change.record.type === "assignment" ? change.record.reason : "";
  return slot >= service.record.desired || reason.startsWith("makes room") || isToBeLeft(state, node);
}

/** A replica of a former generation goes when its turn has come. */
function mayGo(own: Case, record: AssignmentRecord): void {
  const { state, service, after, wrong, nowMs } = own;
  const rollout = underWay(service);
  if (rollout === undefined || isNew(service.record, record) || isExcused(own, record)) return;
  // One that came too late to take over is no step.
  if (record.successor_of !== null && state.replicas.has(record.successor_of)) return;
  const mates = [...after.values()].filter((one) => one.slot === record.slot);
  const heir = mates.find((one) => isNew(service.record, one));
  if (rollout.phase === "canary" && !isTurnTaker(service.record.spec) && heir !== undefined) {
    return wrong(5, `${nameOf(record)} goes for a generation that is merely tried`);
  }
  // What has crashed too often where it was is begun elsewhere.
  if (!isSeenReady(state, record) && mates.some((one) => !isNew(service.record, one))) return;
  const isReplaced = heir !== undefined && isSeenReady(state, heir);
  if (rollout.paused && !isReplaced) wrong(5, `${nameOf(record)} goes while the rollout is paused`);
  if (heir === undefined || rollout.cause !== "release") return;
  if (!isReplaced) return wrong(5, `${nameOf(record)} goes before what follows it is ready`);
  const earlyMs = healthyMs(own, heir) - nowMs;
  if (earlyMs > 0) wrong(5, `${nameOf(record)} goes ${earlyMs} ms before what follows it has proved itself`);
}

/** The first moment at which a replica can have been ready for long enough. */
function healthyMs({ service, readyFromMs }: Case, { id, generation }: AssignmentRecord): number {
  const { record } = service;
  const isProved = generation !== record.generation || underWay(service)?.cause !== "release";
  return isProved ? 0 : (readyFromMs(id) ?? 0) + parseDurationMs(record.spec.update.min_healthy);
}

/** New ones stay within the surge, and what is tried within its number; while it is paused none is begun. */
function notTooManyBeside(own: Case): void {
  const { state, service, before, after, wrong } = own;
  const { record } = service;
  const rollout = underWay(service);
  const begun = [...after.values()].filter(({ id }) => !before.has(id));
  const stepsIn = (replicas: ReadonlyMap<string, AssignmentRecord>) =>
    [...replicas.values()].filter((one) => {
      const former = replicas.get(one.successor_of ?? "");
      return former !== undefined && isNew(record, one) && !isNew(record, former) && !isToBeLeft(state, former.node);
    });
  const isTrial = rollout?.phase === "canary";
  const tried = triedOf(record);
  const steps = stepsIn(after);
  if (begun.some((one) => steps.includes(one))) {
    const { beside } = limitsOf(record, rollout);
    // What is moved while it is beside was there before, also where it came for a node that is to be left no more.
    const most = Math.max(beside, isTrial ? tried : 0, stepsIn(before).length);
    if (steps.length > most) wrong(6, `${record.name} has ${steps.length} beside what is wanted: ${most} at most`);
    if (rollout?.paused === true) wrong(6, `${record.name} goes on although its rollout is paused`);
  }
  // What is no worse than before needs no trial.
  if (!isTrial || record.alike.includes(rollout?.from ?? 0)) return;
  const newIn = (replicas: Iterable<AssignmentRecord>) =>
    new Set([...replicas].filter((one) => one.slot < record.desired && isNew(record, one)).map(({ slot }) => slot))
      .size;
  const [had, has] = [newIn(before.values()), newIn(after.values())];
  if (has > Math.max(had, tried)) wrong(6, `${has} of ${record.name} are tried: ${tried} at most`);
}

/** A rollout goes on, ends, or is turned back when that is due and as it is due. */
function stepIsDue(own: Case, next: RolloutRecord): void {
  const { service, wrong } = own;
  const { record } = service;
  const rollout = underWay(service);
  if (rollout === undefined) return wrong(8, `a rollout of ${record.name} that is over becomes ${next.phase}`);
  if (next.to > rollout.to) return isTurnedBack(own, { rollout, next });
  const { auto_promote, auto_rollback } = record.spec.update;
  if (next.phase === "rolling" && rollout.phase === "canary") {
    if (!auto_promote) wrong(6, `${record.name} is promoted although nobody asked for that`);
    return areWell(own, triedOf(record));
  }
  if (next.phase === "done") return areWell(own, record.desired);
  const isLeft = rollout.from !== null && record.history.some(({ generation }) => generation === rollout.from);
  if (next.phase === "failed" && rollout.cause === "release" && auto_rollback && isLeft) {
    const isSame = record.alike.includes(rollout.from ?? 0);
    if (!isSame) wrong(5, `${record.name} stays with what failed, and was to be rolled back`);
  }
}

/** So many of the present generation are ready, and for long enough. */
function areWell(own: Case, wanted: number): void {
  const { state, service: { record }, before, nowMs, wrong } = own;
  const well = new Set<number>();
  for (const one of before.values()) {
    if (!isNew(record, one) || !isSeenReady(state, one) || healthyMs(own, one) > nowMs) continue;
    if (one.slot < record.desired) well.add(one.slot);
  }
  if (well.size < wanted) wrong(6, `${record.name} goes on with ${well.size} that are well: ${wanted} are to be`);
}

function isTurnedBack(own: Case, { rollout, next }: { rollout: RolloutRecord; next: RolloutRecord }): void {
  const { service: { record }, changes, wrong } = own;
  const back =
    changes.flatMap((change) =>
      change.op === "put" && change.record.type === "service" && change.record.name === record.name ? change.record : []
    )[0];
  const good = record.history.find(({ generation }) => generation === rollout.from);
  if (next.cause !== "rollback" || !record.spec.update.auto_rollback) {
    wrong(5, `${record.name} gets a generation that nobody asked for`);
  }
  if (back === undefined || good === undefined || gist(back) !== gist(good)) {
    wrong(5, `${record.name} is not rolled back to generation ${rollout.from}`);
  }
}

function gist({ spec }: Pick<ServiceRecord, "spec">): string {
  return JSON.stringify({ ...spec, replicas: 0 });
}
