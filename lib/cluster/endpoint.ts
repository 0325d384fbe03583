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
  const isHeldBack = holdingBack(state, service);
  for (const slot of [...service.slots.keys()].sort((a, b) => a - b)) {
    for (const id of (service.slots.get(slot) ?? []).toSorted()) {
      const replica = state.replicas.get(id);
      const node = replica && state.nodes.get(replica.record.node);
      const port = replica?.observed?.port;
      if (replica === undefined || node === undefined || typeof port !== "number" || !isReady(replica, node)) continue;
      if (isHeldBack(replica)) continue;
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

/** A green set gets no requests before it is promoted as a whole, and then it gets all of them, if any of it is ready. */
function holdingBack(
  state: ClusterState,
  { record, rollout, slots }: ServiceState,
): (replica: ReplicaState) => boolean {
  const { phase, cause, from, to } = rollout?.record ?? {};
  const isOneOfTwo = record.spec.update.strategy === "blue_green" && to === record.generation && cause === "release" &&
    typeof from === "number";
  const isGreen = (replica: ReplicaState) => isPresent(record, replica.record.generation);
  if (!isOneOfTwo || (phase !== "canary" && phase !== "rolling")) return () => false;
  if (phase === "canary") return isGreen;
  const replicas = [...slots.values()].flat().flatMap((id) => state.replicas.get(id) ?? []);
  const isGreenThere = replicas.some((replica) =>
    isGreen(replica) && isReady(replica, state.nodes.get(replica.record.node))
  );
  return (replica) => isGreenThere && !isGreen(replica);
}
