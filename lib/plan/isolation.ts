/**
 * Exclusive replicas that are out of reach: they end by themselves, and until that is certain nothing takes their place.
 * @module
 */
import { goneAfterMs, isExclusive } from "../cluster/isolation.ts";
import type { ReplicaState } from "../cluster/replica.ts";
import { specOf } from "../cluster/service_record.ts";
import type { ServiceState } from "../cluster/state.ts";
import { type Draft, wait } from "./draft.ts";

/** Whether a replica whose node is lost or removed may still run where nobody else may; then that is said. */
export function mayLive(
  draft: Draft,
  service: ServiceState,
  { replica, why }: { replica: ReplicaState; why: string },
): boolean {
  const spec = specOf(service.record, replica.record.generation);
  const node = draft.state.nodes.get(replica.record.node);
  if (!isExclusive(spec) || node?.drained === true) return false;
  const goneMs = goneAfterMs(spec);
  const atMs = (node?.heardMs ?? replica.strandedMs) + goneMs;
  if (draft.nowMs >= atMs) return false;
  draft.wakeAt(atMs);
  const until = `${goneMs / 1_000} s after its agent was last heard`;
  wait(draft, replica, `${why}; it may run on there, and is replaced once it is sure to have ended: ${until}`);
  return true;
}

/** Whether a replica that was withdrawn has ended: where only one may live, its agent has to say that for good. */
export function hasEnded(service: ServiceState, { record, observed }: ReplicaState): boolean {
  if (observed?.phase !== "exited") return false;
  return observed.final === true || !isExclusive(specOf(service.record, record.generation));
}
