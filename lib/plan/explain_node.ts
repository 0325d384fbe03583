/**
 * Why a node is as it is: whether it is heard, whether it gets anything new, and what it carries.
 * @module
 */
import { drainDeadlineMs } from "../cluster/drain.ts";
import { holdDownMs, type NodeState } from "../cluster/node.ts";
import { nameOf } from "../cluster/replica.ts";
import { skewOf } from "../cluster/version_skew.ts";
import { formatDuration } from "../runtime/duration.ts";
import { type Explanation, holds, type Sight, waitWords } from "./explain.ts";

/** Replicas that are named one by one. */
const NAMED_MAX = 100;

export function explainNode(sight: Sight, node: NodeState): Explanation {
  const { waits } = sight;
  const carried = new Set(carriedBy(sight, node).map(nameOf));
  const own = waits.filter((wait) => carried.has(nameOf(wait))).map(waitWords);
  const drain = drainLines(sight, node);
  const liveness = livenessLine(sight, node);
  return {
    summary: drain[0] === undefined ? liveness : `${liveness}; ${drain[0]}`,
    because: [
      liveness,
      ...drain,
      ...(node.leaving ? ["its agent is about to go and wants its replicas elsewhere"] : []),
      ...holdDownLines(sight, node),
      ...skewLines(sight, node),
      roomLine(node),
      carriedLine(sight, node),
      ...holds(sight),
    ],
    waits: own,
  };
}

function livenessLine({ nowMs }: Sight, { liveness, sinceMs, cause, heardMs, version }: NodeState): string {
  const since = `for ${formatDuration(nowMs - sinceMs)}`;
  if (liveness === "pending") return `pending ${since}: this controller has not heard it yet`;
  const why = cause === undefined ? (liveness === "suspect" ? " (missed a probe)" : "") : ` (${cause})`;
  const heard = version === undefined ? "never heard" : `last heard ${formatDuration(nowMs - heardMs)} ago`;
  return `${liveness} ${since}${why}, ${heard}`;
}

function drainLines({ nowMs }: Sight, node: NodeState): string[] {
  const { record: { draining, drain }, replicas } = node;
  if (!draining) return [];
  const progress = `${node.drain?.moved ?? 0} replicas have left, ${replicas.size} are still here`;
  const atMs = drainDeadlineMs(node);
  const limit = drain?.overdue === true
    ? `its deadline of ${drain.deadline} is over, so what could not be moved is stopped`
    : atMs === undefined
    ? "without a deadline"
    : `what is left in ${formatDuration(Math.max(0, atMs - nowMs))} is stopped`;
  return [`being drained: ${progress}, ${limit}`, "it gets nothing new until it is activated"];
}

function holdDownLines({ nowMs }: Sight, { record: { losses }, liveness, sinceMs }: NodeState): string[] {
  if (losses === 0) return [];
  const leftMs = sinceMs + holdDownMs(losses) - nowMs;
  const told = `it was lost ${losses} times lately`;
  if (liveness !== "ready" || leftMs <= 0) return [told];
  return [`${told}: while others have room it gets nothing new for another ${formatDuration(leftMs)}`];
}

function skewLines({ version: own }: Sight, { version }: NodeState): string[] {
  const skew = skewOf(version, own);
  return skew === null ? [] : [`its version ${version} is ${skew} than this controller's ${own}`];
}

function roomLine({ reserved, record: { capacity } }: NodeState): string {
  return `reserved: ${round(reserved.cpu)} of ${capacity.cpu} cores, ` +
    `${Math.round(reserved.memory)} of ${Math.round(capacity.memory)} MiB`;
}

function carriedLine(sight: Sight, node: NodeState): string {
  const names = carriedBy(sight, node).map(nameOf).sort();
  if (names.length === 0) return "it carries no replica";
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : "";
  return `it carries ${names.length} replicas: ${names.slice(0, NAMED_MAX).join(", ")}${more}`;
}

function carriedBy({ state }: Sight, { replicas }: NodeState): { service: string; slot: number }[] {
  return [...replicas].flatMap((id) => state.replicas.get(id)?.record ?? []);
}

function round(cores: number): number {
  return Math.round(cores * 100) / 100;
}
