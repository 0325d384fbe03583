/**
 * Where the ingress reaches a service: its ready replicas, best first. Derived from the state whenever it has changed;
 * the entry file hands it to the ingress.
 * @module
 */
import { isReady, type ReplicaState } from "./replica.ts";
import { isPresent } from "./service_record.ts";
import type { ClusterState, ServiceState } from "./state.ts";

export interface Endpoint {
  replica: string;
  slot: number;
  node: string;
  /** The agent's address: the way to the replica from another host. */
  nodeUrl: string;
  port: number;
  fence: number;
  /** Its node has missed a probe: last in choice. */
  suspect: boolean;
}

/** The endpoints of a service, those on suspect nodes last, else by slot. */
export function endpointsOf(state: ClusterState, name: string): Endpoint[] {
  const service = state.services.get(name);
  if (service === undefined) return [];
  const endpoints: Endpoint[] = [];
  for (const slot of [...service.slots.keys()].sort((a, b) => a - b)) {
    for (const id of (service.slots.get(slot) ?? []).toSorted()) {
      const replica = state.replicas.get(id);
      const node = replica && state.nodes.get(replica.record.node);
      const port = replica?.observed?.port;
      if (replica === undefined || node === undefined || typeof port !== "number" || !isReady(replica, node)) continue;
      if (isHeldBack(service, replica)) continue;
      endpoints.push({
        replica: id,
        slot,
        node: node.record.id,
        nodeUrl: node.record.url,
        port,
        fence: replica.record.fence,
        suspect: node.liveness !== "ready",
      });
    }
  }
  return endpoints.toSorted((a, b) => Number(a.suspect) - Number(b.suspect));
}

/** A green set gets no requests before it is promoted as a whole. */
function isHeldBack({ record, rollout }: ServiceState, replica: ReplicaState): boolean {
  if (rollout?.record.phase !== "canary" || record.spec.update.strategy !== "blue_green") return false;
  return isPresent(record, replica.record.generation);
}
