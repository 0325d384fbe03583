/**
 * Judges what the ingress is told: nothing that is to end, and never two generations of a service that changes over as a
 * whole; and what a loop wants to do to it: nobody stops the last one that a service is reached by.
 * @module
 */
import type { Endpoint } from "../../lib/cluster/endpoint.ts";
import type { Change } from "../../lib/cluster/record.ts";
import { type AssignmentRecord, nameOf } from "../../lib/cluster/replica.ts";
import type { ClusterState, ServiceState } from "../../lib/cluster/state.ts";
import type { Court } from "./plan_judge.ts";
import { isHeldBack, isNew, isServing, limitsOf, stayingOf, underWay } from "./rollout_arithmetic.ts";

export interface Published {
  service: string;
  endpoints: readonly Endpoint[];
  wrong: (invariant: number, text: string) => void;
}

export function judgeEndpoints(state: ClusterState, { service, endpoints, wrong }: Published): void {
  const { services, replicas } = state;
  const records = endpoints.flatMap(({ replica }) => replicas.get(replica)?.record ?? []);
  for (const record of records) if (record.draining) wrong(11, `${nameOf(record)} gets requests although it ends`);
  const own = services.get(service);
  if (
    own !== undefined && records.length === 0 &&
    [...stayingOf(state, own, []).before.values()].some((one) => isServing(state, own, one))
  ) {
    wrong(11, `${service} gets no requests although it is ready for them`);
  }
  const rollout = own && underWay(own);
  if (own === undefined || rollout?.cause !== "release" || rollout.from === null) return;
  if (own.record.spec.update.strategy !== "blue_green") return;
  if (records.some((record) => isHeldBack(state, own, record))) {
    wrong(11, `${service} gets requests before it is promoted`);
  }
  const green = records.filter((record) => isNew(own.record, record)).length;
  if (rollout.phase === "rolling" && green > 0 && green < records.length) {
    wrong(11, `requests for ${service} go to both generations`);
  }
}

/** A service that is reached stays so, whatever is to be done about its replicas. */
export function judgeLastEndpoint(changes: readonly Change[], state: ClusterState, { wrong }: Court): void {
  for (const service of state.services.values()) {
    const { before, after } = stayingOf(state, service, changes);
    const went = [...before.values()].filter((one) => isServing(state, service, one));
    if (went.length === 0 || went.some(({ id }) => after.has(id))) continue;
    const { record, rollout } = service;
    if (record.desired <= limitsOf(record, rollout?.record).missing) continue;
    const unasked = went.filter((one) => !isAsked(state, record, { record: one, changes }));
    for (const one of unasked) wrong(5, `${nameOf(one)} goes, by which alone ${record.name} was reached`);
  }
}

/** The operator, or what is more important, wants it gone. */
function isAsked(
  state: ClusterState,
  { removed, desired }: ServiceState["record"],
  { record: { id, slot, node }, changes }: { record: AssignmentRecord; changes: readonly Change[] },
): boolean {
  const { leaving, record } = state.nodes.get(node) ?? {};
  if (removed || slot >= desired || leaving !== false || record?.drain?.overdue === true) return true;
  return changes.some((change) =>
    change.op === "put" && change.record.type === "assignment" && change.record.id === id &&
    change.record.reason.startsWith("makes room")
  );
}
