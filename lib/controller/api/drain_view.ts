/**
 * How far the emptying of a node has come, as the API shows it.
 * @module
 */
import { drainDeadlineMs } from "../../cluster/drain.ts";
import type { NodeState } from "../../cluster/node.ts";
import { nameOf } from "../../cluster/replica.ts";
import type { DrainView } from "../../wire/node.ts";
import type { ApiContext } from "./context.ts";

/** How many reasons are listed. */
const WAITING_MAX = 100;

export function drainView(
  { state, clock, waits }: Pick<ApiContext, "state" | "clock" | "waits">,
  node: NodeState,
): DrainView | null {
  const { record: { drain }, drain: progress, replicas } = node;
  if (drain === null || progress === undefined) return null;
  const deadlineMs = drainDeadlineMs(node);
  // The deadline counts by a clock that never jumps; what people read goes by the wall's.
  const deadlineAt = deadlineMs === undefined ? undefined : clock.wall() + deadlineMs - clock.now();
  const left = new Set([...replicas].flatMap((id) => {
    const replica = state.replicas.get(id);
    return replica === undefined ? [] : [nameOf(replica.record)];
  }));
  const { since, by, deadline, overdue } = drain;
  return {
    since,
    by,
    deadline,
    deadline_at: deadlineAt === undefined ? null : new Date(deadlineAt).toISOString(),
    overdue,
    moved: progress.moved,
    remaining: replicas.size,
    waiting: waits().filter((wait) => left.has(nameOf(wait)))
      .slice(0, WAITING_MAX).map((wait) => `${nameOf(wait)} waits: ${wait.reason}`),
  };
}
