/**
 * The way of a service from one generation to the next. The record says how far the decisions have come, and is kept
 * after its end so that people can read how it went; what is left to do follows from the replicas alone.
 * @module
 */
import * as z from "zod";

/** Why a generation came about. */
export const RolloutCause = z.enum(["release", "restart", "rollback"]);
export type RolloutCause = z.infer<typeof RolloutCause>;

/**
 * canary: a few are tried, or the whole green set, until they are promoted. rolling: all are replaced. done: nothing of
 * a former generation is left. failed: it was given up; a rollback followed where there was something to go back to.
 */
export const RolloutPhase = z.enum(["canary", "rolling", "done", "failed"]);
export type RolloutPhase = z.infer<typeof RolloutPhase>;

export const RolloutRecord = z.object({
  type: z.literal("rollout"),
  service: z.string(),
  cause: RolloutCause,
  /** The last generation that was known to be good; null when there was none. */
  from: z.int().min(1).nullable(),
  to: z.int().min(1),
  phase: RolloutPhase,
  paused: z.boolean(),
  /** When it began and when its phase changed last, RFC 3339: for people, nothing is decided by it. */
  began: z.string(),
  changed: z.string(),
  /** Why it stands where it does, in words. */
  reason: z.string(),
  /** The last lines of the replica by which it, or the update that it undoes, failed. */
  last_words: z.array(z.string()).default([]),
});
export type RolloutRecord = z.infer<typeof RolloutRecord>;

/** A rollout as the core sees it. */
export interface RolloutState {
  record: RolloutRecord;
  /** When something about it went forward last, in monotonic milliseconds. */
  progressMs: number;
}

/** Whether anything is left to be decided about it. */
export function isUnderWay(rollout: RolloutState | undefined): boolean {
  const phase = rollout?.record.phase;
  return phase === "canary" || phase === "rolling";
}
