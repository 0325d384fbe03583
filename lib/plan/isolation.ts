/**
 * Exclusive replicas that are out of reach: they end by themselves, and until that is certain nothing takes their place.
 * @module
 */
import { goneAfterMs, isExclusive, stopAfterMs } from "../cluster/isolation.ts";
import type { ReplicaState } from "../cluster/replica.ts";
import { specOf } from "../cluster/service_record.ts";
import type { ServiceSpec } from "../cluster/service.ts";
import type { ClusterState, ServiceState } from "../cluster/state.ts";
import { type Draft, wait } from "./draft.ts";

/** Health intervals that an isolated replica waits at least. */
const INTERVALS_MIN = 3;

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

/** Why an exclusive service is not started at all: a lost health check or two would stop what is well. */
export function tooHasty({ lossRule }: ClusterState, spec: ServiceSpec): string | undefined {
  const stopMs = stopAfterMs(spec);
  const intervalMs = lossRule.lostAfterMs / lossRule.misses;
  if (stopMs === undefined || stopMs >= INTERVALS_MIN * intervalMs) return undefined;
  return `on_isolation.stop_after is ${stopMs / 1_000} s, and this controller asks its agents every ` +
    `${intervalMs / 1_000} s: make it at least ${INTERVALS_MIN * intervalMs / 1_000} s`;
}

/** Whether a replica that was withdrawn has ended: where only one may live, its agent has to say that for good. */
export function hasEnded(service: ServiceState, { record, observed }: ReplicaState): boolean {
  if (observed?.phase !== "exited") return false;
  return observed.final === true || !isExclusive(specOf(service.record, record.generation));
}
