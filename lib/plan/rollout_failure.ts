/**
 * Whether a rollout has failed, and what follows: the last good generation is brought back where there is one and the
 * spec wants that, else the rollout ends where it stands. A new replica fails it by crashing, by not getting ready within
 * its start period, or by keeping it from going forward until its deadline.
 * @module
 */
import { nameOf, type ReplicaState } from "../cluster/replica.ts";
import type { RolloutState } from "../cluster/rollout.ts";
import { generationOf, isPresent } from "../cluster/service_record.ts";
import { isCrashedOut, type ServiceState } from "../cluster/state.ts";
import { parseDurationMs } from "../runtime/duration.ts";
import type { Draft } from "./draft.ts";
import { heldUpSlots } from "./held_up.ts";
import { isAvailable, newcomersBySlot, newcomersOf, rolloutUnderWay, wantedFirst } from "./progress.ts";
import { exitWords } from "./reason.ts";

/** So many crashes of one new replica are no accident. */
const CRASHES_MAX = 3;
/** After its start period a replica's last words may still be on their way. */
const GRACE_MS = 1_000;

interface Failure {
  reason: string;
  replica: ReplicaState | undefined;
}

/** Decides about a rollout that has failed. Returns whether it has. */
export function endFailed(draft: Draft, service: ServiceState): boolean {
  const record = rolloutUnderWay(service);
  if (record === undefined || service.rollout === undefined || record.paused || record.cause === "rollback") {
    return false;
  }
  if (service.record.removed) return false;
  const failure = failureOf(draft, service, service.rollout);
  if (failure === undefined) return false;
  const { name, spec } = service.record;
  const replica = failure.replica?.record.id ?? null;
  const { from } = record;
  const isKept = from !== null && generationOf(service.record, from) !== undefined;
  if (record.cause === "release" && spec.update.auto_rollback && isKept && !isPresent(service.record, from)) {
    draft.actions.push({ kind: "roll_back", service: name, to: from, replica, reason: failure.reason });
  } else {
    draft.actions.push({ kind: "finish_rollout", service: name, phase: "failed", replica, reason: failure.reason });
  }
  return true;
}

function failureOf(draft: Draft, service: ServiceState, { record, progressMs }: RolloutState): Failure | undefined {
  // Where what ran before is as good, its replicas prove nothing about the new generation.
  const isSame = record.from !== null && isPresent(service.record, record.from);
  for (const replica of newcomersOf(draft, service)) {
    if (isSame && replica.record.generation !== record.to) continue;
    const reason = faultOf(draft, service, replica);
    if (reason !== undefined) return { replica, reason: `${nameOf(replica.record)} ${reason}` };
  }
  const newcomers = newcomersBySlot(draft, service);
  const isTried = record.phase === "canary" && newcomers.length >= wantedFirst(service) &&
    newcomers.every((replica) => isAvailable(draft, service, replica));
  // Who is to promote it may take their time, and so may nodes that have to be back for it.
  if (isTried || heldUpSlots(draft, service).length > 0) return undefined;
  const { deadline } = service.record.spec.update;
  const failsMs = progressMs + parseDurationMs(deadline);
  if (draft.nowMs < failsMs) {
    draft.wakeAt(failsMs);
    return undefined;
  }
  const stuck = newcomers.find((replica) => !isAvailable(draft, service, replica));
  const what = stuck === undefined ? "" : `: ${nameOf(stuck.record)} is ${stuck.observed?.reason || "not ready"}`;
  return { replica: stuck, reason: `no progress within ${deadline}${what}` };
}

/** What is wrong with a new replica, in words. */
function faultOf(draft: Draft, service: ServiceState, replica: ReplicaState): string | undefined {
  const { observed } = replica;
  if (observed === undefined) return undefined;
  const { restart, health } = service.record.spec;
  if (isCrashedOut(service, replica) || observed.crashes >= Math.max(1, Math.min(CRASHES_MAX, restart.attempts))) {
    return `crashed ${observed.crashes} times; last: ${exitWords(observed)}`;
  }
  if (health === undefined || replica.wasReady || observed.phase !== "running" || observed.ready) return undefined;
  const failsMs = replica.sinceMs + parseDurationMs(health.start_period) + GRACE_MS;
  if (draft.nowMs >= failsMs) {
    return `is not ready after its start period of ${health.start_period}: ${observed.reason}`;
  }
  draft.wakeAt(failsMs);
  return undefined;
}
