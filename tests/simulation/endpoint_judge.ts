/**
 * Judges what the ingress is told: nothing that is to end, and never two generations of a service that changes over as a
 * whole.
 * @module
 */
import type { Endpoint } from "../../lib/cluster/endpoint.ts";
import { nameOf } from "../../lib/cluster/replica.ts";
import type { ClusterState } from "../../lib/cluster/state.ts";
import { isNew, underWay } from "./rollout_arithmetic.ts";

export interface Published {
  service: string;
  endpoints: readonly Endpoint[];
  wrong: (invariant: number, text: string) => void;
}

export function judgeEndpoints({ services, replicas }: ClusterState, { service, endpoints, wrong }: Published): void {
  const records = endpoints.flatMap(({ replica }) => replicas.get(replica)?.record ?? []);
  for (const record of records) if (record.draining) wrong(11, `${nameOf(record)} gets requests although it ends`);
  const own = services.get(service);
  const rollout = own && underWay(own);
  if (own === undefined || rollout?.cause !== "release" || rollout.from === null) return;
  if (own.record.spec.update.strategy !== "blue_green") return;
  const green = records.filter((record) => isNew(own.record, record)).length;
  if (rollout.phase === "canary" && green > 0) wrong(11, `${service} gets requests before it is promoted`);
  if (green > 0 && green < records.length) wrong(11, `requests for ${service} go to both generations`);
}
