/**
 * How replicas, services and nodes are doing: a word and a tone for each. Red is for what crashed, was lost or failed;
 * what waits or starts is in its ordinary course and says so in blue. Lists are ordered by it, the worst first.
 * @module
 */
import type { NodeView, ReplicaView, ServiceView } from "../../wire/api.ts";

export type Tone = "bad" | "warn" | "busy" | "good" | "idle";

export interface Condition {
  tone: Tone;
  word: string;
}

/** A replica that runs for so long without being ready has a problem, though none that anybody has decided on. */
const UNREADY_MS = 60_000;
const ORDER: readonly Tone[] = ["bad", "warn", "busy", "good", "idle"];

/** For sorting: the worst first. */
export function severity({ tone }: Condition): number {
  return ORDER.indexOf(tone);
}

export type ReplicaFacts = Pick<ReplicaView, "phase" | "ready" | "started_at" | "crashes" | "exit">;

export function replicaCondition(replica: ReplicaFacts, nowMs: number): Condition {
  const { phase, ready, started_at, crashes } = replica;
  if (ready) return { tone: "good", word: "ready" };
  if (phase === "lost") return { tone: "bad", word: "lost" };
  if (phase === "exited" || phase === "pending") {
    if (crashes > 0 || endedBadly(replica)) return { tone: "bad", word: "crashed" };
    return { tone: "idle", word: phase };
  }
  if (phase === "starting") return { tone: "busy", word: crashes > 0 ? "restarting" : "starting" };
  if (phase !== "running") return { tone: "idle", word: phase };
  const runningMs = started_at === null ? 0 : nowMs - Date.parse(started_at);
  return runningMs > UNREADY_MS ? { tone: "warn", word: "not ready" } : { tone: "busy", word: "getting ready" };
}

/** A service by itself and its replicas. */
export function serviceCondition(
  service: ServiceView,
  replicas: readonly ReplicaFacts[],
  nowMs: number,
): Condition {
  const { desired, ready, removed, rollout, waiting } = service;
  if (removed) return { tone: "idle", word: "being removed" };
  if (rollout?.phase === "failed") return { tone: "bad", word: "update failed" };
  const conditions = replicas.map((replica) => replicaCondition(replica, nowMs));
  const worst = conditions.filter(({ tone }) => tone === "bad").map(({ word }) => word);
  if (worst.length > 0) {
    return { tone: "bad", word: `${worst.length} ${worst.includes("crashed") ? "crashed" : "lost"}` };
  }
  const unready = conditions.filter(({ tone }) => tone === "warn").length;
  if (unready > 0) return { tone: "warn", word: `${unready} not ready` };
  if (rollout?.paused === true) return { tone: "warn", word: "update paused" };
  if (rollout?.phase === "canary") return { tone: "busy", word: "canary" };
  if (rollout?.phase === "rolling" && rollout.from !== null) return { tone: "busy", word: "updating" };
  if (ready >= desired) {
    return desired === 0 ? { tone: "idle", word: "scaled to 0" } : { tone: "good", word: "healthy" };
  }
  return { tone: "busy", word: waiting.length > 0 ? "waiting" : "starting" };
}

export function nodeCondition({ status, draining, drain, leaving }: NodeView): Condition {
  if (status === "lost") return { tone: "bad", word: "lost" };
  if (status === "suspect") return { tone: "warn", word: "suspect" };
  if (draining) return { tone: "idle", word: drain?.remaining === 0 ? "drained" : "draining" };
  if (leaving) return { tone: "idle", word: "leaving" };
  return status === "ready" ? { tone: "good", word: "ready" } : { tone: "busy", word: "joining" };
}

/** How many are of each tone, the well ones first, as a bar shows them. */
export function tally(conditions: readonly Condition[]): { tone: Tone; word: string; count: number }[] {
  const byWord = Map.groupBy(conditions, ({ tone, word }) => `${tone} ${word}`);
  const shown: readonly Tone[] = ["good", "busy", "idle", "warn", "bad"];
  return [...byWord.values()]
    .flatMap((alike) => alike[0] === undefined ? [] : [{ ...alike[0], count: alike.length }])
    .sort((a, b) => shown.indexOf(a.tone) - shown.indexOf(b.tone) || b.count - a.count);
}

function endedBadly({ exit }: ReplicaFacts): boolean {
  return exit !== null && (exit.signal !== null || exit.code !== 0);
}
