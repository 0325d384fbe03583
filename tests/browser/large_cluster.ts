/**
 * A cluster that isn't there, as `GET /v1/watch` would tell of it: as large as asked for, and the changes that keep
 * coming while it lives. The same each time.
 * @module
 */
import type { EventView, NodeView, ReplicaView, ServiceView } from "../../lib/wire/api.ts";
import type { WatchMessage } from "../../lib/wire/watch.ts";
import { idOf, specNamed } from "../support/builders.ts";
import { changes, nodeView, replicaView, serviceView, snapshot } from "../support/views.ts";

export type Snapshot = Extract<WatchMessage, { kind: "snapshot" }>;
export type Changes = Extract<WatchMessage, { kind: "changes" }>;

export interface Size {
  nodes: number;
  services: number;
  replicas: number;
}

const CLUSTER_ID = "00000000-0000-4000-8000-00000000c0de";
const STARTED_AT = new Date(Date.now() - 3_600_000).toISOString();

export function snapshotOf({ nodes, services, replicas }: Size): Snapshot {
  const perService = Math.ceil(replicas / services);
  const allNodes = Array.from({ length: nodes }, (_, at) => nodeAt(at, { replicas: Math.round(replicas / nodes) }));
  const allReplicas = Array.from({ length: replicas }, (_, at) => {
    return replicaAt(at, { service: serviceName(Math.floor(at / perService)), slot: at % perService, nodes });
  });
  return snapshot({
    cluster: { ...snapshot().cluster, id: CLUSTER_ID, leader: "http://127.0.0.1:8000", revision: 7 },
    services: Array.from({ length: services }, (_, at) => serviceAt(at, { desired: perService })),
    nodes: allNodes,
    replicas: allReplicas,
    events: Array.from({ length: 50 }, (_, at) => eventAt(at + 1, allReplicas[at % replicas]!)),
  });
}

/** The nth change: some replicas crash or come back, and an event says so. */
export function changesAt(nth: number, { replicas }: Snapshot, { count }: { count: number }): Changes {
  const changed = Array.from({ length: count }, (_, at): ReplicaView => {
    const replica = replicas[(nth * count * 7 + at * 13) % replicas.length]!;
    const isBack = nth % 2 === 1;
    const restarts = replica.restarts + nth;
    return isBack ? { ...replica, restarts } : { ...replica, ready: false, phase: "starting", restarts, crashes: 1 };
  });
  const events = changed.slice(0, 2).map((replica, at) => eventAt(1_000 + nth * 2 + at, replica));
  return changes({ replicas: changed, events });
}

export function serviceAt(
  at: number,
  { name = serviceName(at), desired }: { name?: string; desired: number },
): ServiceView {
  // With a name that no spec could have as well.
  return serviceView("web", {
    name,
    desired,
    ready: desired,
    assigned: desired,
    at: STARTED_AT,
    by: "anyone",
    spec: specNamed("web", { replicas: desired }),
  });
}

export function nodeAt(
  at: number,
  { name = `node-${at + 1}`, replicas }: { name?: string; replicas: number },
): NodeView {
  return nodeView(at + 1, {
    name,
    url: `http://10.0.0.${at % 250}:9090`,
    labels: { zone: "abc"[at % 3]! },
    replicas,
    capacity: { cpu: 16, memory: 65_536 },
    reserved: { cpu: 6, memory: 20_000 },
  });
}

interface Placed {
  service: string;
  slot: number;
  nodes: number;
}

export function replicaAt(at: number, { service, slot, nodes }: Placed): ReplicaView {
  return replicaView(at + 1, {
    name: `${service}.${slot}`,
    service,
    slot,
    node: idOf("node", at % nodes + 1),
    node_name: `node-${at % nodes + 1}`,
    pid: 1_000 + at,
    started_at: STARTED_AT,
    uptime_s: 3_600,
    instance: idOf("agent", 10_000 + at),
  });
}

export function eventAt(id: number, { id: replica, name, service, node }: ReplicaView): EventView {
  const text = `${name} exited with code 1 and is restarted`;
  return { id, time: new Date().toISOString(), kind: "exited", severity: "warn", text, service, node, replica };
}

function serviceName(at: number): string {
  return `service-${at + 1}`;
}
