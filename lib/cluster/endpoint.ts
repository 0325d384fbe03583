/**
 * Where the ingress reaches a service: its ready replicas, best first. Derived from the state whenever it has changed;
 * the entry file hands it to the ingress.
 * @module
 */
import { changingOver, isHeldBack } from "./blue_green.ts";
import { isReady, phaseOf, type ReplicaState } from "./replica.ts";
import { isPresent, type ServiceRecord, specOf } from "./service_record.ts";
import type { ClusterState, ServiceState } from "./state.ts";
import { MAIN_PORT } from "./surroundings.ts";

export interface Endpoint {
  replica: string;
  slot: number;
  node: string;
  /** The agent's address: the way to the replica from another host. */
  nodeUrl: string;
  port: number;
  /** Its further ports, by name. */
  ports: Readonly<Record<string, number>>;
  /** The ingress's TCP ports that it serves. */
  tcp: readonly number[];
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
        ports: replica.observed?.ports ?? {},
        tcp: tcpPortsOf(service.record, replica),
        fence: replica.record.fence,
        suspect: node.liveness !== "ready",
      });
    }
  }
  return endpoints.toSorted((a, b) => Number(a.suspect) - Number(b.suspect));
}

/**
 * The replicas that are withdrawn as planned and may still run: connections through them may end by themselves. Those of
 * any other that is no endpoint lead nowhere.
 */
export function withdrawnFrom(state: ClusterState, name: string): string[] {
  return [...state.services.get(name)?.slots.values() ?? []].flat().filter((id) => {
    const replica = state.replicas.get(id);
    return replica !== undefined && phaseOf(replica, state.nodes.get(replica.record.node)) === "draining";
  }).toSorted();
}

/** While generations differ a replica is judged by the check of its own, as that is what its agent asks. */
function tcpPortsOf(service: ServiceRecord, { record, observed }: ReplicaState): number[] {
  const { tcp } = service.spec;
  if (tcp.length === 0 || observed === undefined) return [];
  const own = specOf(service, record.generation).tcp;
  return tcp.filter((route) => {
    const { check } = own.find(({ port }) => port === route.port) ?? route;
    const hasTarget = route.target === MAIN_PORT || Object.hasOwn(observed.ports, route.target);
    return hasTarget && (check === undefined || observed.roles?.includes(route.port) === true);
  }).map(({ port }) => port);
}

/** A green set gets no requests before it is promoted as a whole, and then it gets all of them, if any of it is ready. */
function holdingBack(state: ClusterState, service: ServiceState): (replica: ReplicaState) => boolean {
  const { record, slots } = service;
  const phase = changingOver(service);
  const isGreen = (replica: ReplicaState) => isPresent(record, replica.record.generation);
  if (phase === "canary") return ({ record: own }) => isHeldBack(state, service, own);
  if (phase !== "rolling") return () => false;
  const replicas = [...slots.values()].flat().flatMap((id) => state.replicas.get(id) ?? []);
  const isGreenThere = replicas.some((replica) =>
    isGreen(replica) && isReady(replica, state.nodes.get(replica.record.node))
  );
  return (replica) => isGreenThere && !isGreen(replica);
}
