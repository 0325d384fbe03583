/**
 * The cluster as signals, which pages read: what the watch stream told, and what follows from it. A page that reads
 * `services` is drawn again when a service changed, and not for a replica.
 * @module
 */
import { batch, computed, signal } from "@preact/signals";
import type { EventView, NodeView, ReplicaView, ServiceView } from "../../../wire/api.ts";
import type { ClusterView, WatchMessage } from "../../../wire/watch.ts";
import { client } from "../api.ts";
import { type Condition, nodeCondition, replicaCondition, serviceCondition, severity } from "../condition.ts";
import { byName } from "../order.ts";
import { aheadMs, slowNowMs } from "./clock.ts";
import { clockAheadMs, EMPTY_VIEW, lastEventOf, received, type View } from "./view.ts";
import { type Connection, keepWatching } from "./watching.ts";

export const connection = signal<Connection>({ state: "connecting" });
/** Undefined until the first snapshot. */
export const cluster = signal<ClusterView | undefined>(undefined);
export const services = signal<ReadonlyMap<string, ServiceView>>(EMPTY_VIEW.services);
export const nodes = signal<ReadonlyMap<string, NodeView>>(EMPTY_VIEW.nodes);
export const replicas = signal<ReadonlyMap<string, ReplicaView>>(EMPTY_VIEW.replicas);
/** The last ones, oldest first. */
export const events = signal<readonly EventView[]>(EMPTY_VIEW.events);
export const eventsGone = signal(false);

/** By slot, within a service, or by name, on a node. */
export const replicasByService = computed(() => grouped(({ service }) => service));
export const replicasByNode = computed(() => grouped(({ node }) => node));

export interface ServiceRow {
  service: ServiceView;
  replicas: readonly ReplicaView[];
  /** Of each replica, in the same order. */
  conditions: readonly Condition[];
  condition: Condition;
}

/** Those that need somebody first. */
export const serviceRows = computed((): ServiceRow[] =>
  [...services.value.values()].map((service) => {
    const own = replicasByService.value.get(service.name) ?? [];
    return {
      service,
      replicas: own,
      conditions: own.map((replica) => replicaCondition(replica, slowNowMs.value)),
      condition: serviceCondition(service, own, slowNowMs.value),
    };
  }).sort((a, b) => severity(a.condition) - severity(b.condition) || byName(a.service.name, b.service.name))
);

export interface NodeRow {
  node: NodeView;
  condition: Condition;
}

/** The same order of nodes. */
export const nodeRows = computed((): NodeRow[] =>
  [...nodes.value.values()].map((node) => ({ node, condition: nodeCondition(node) }))
    .sort((a, b) => severity(a.condition) - severity(b.condition) || byName(a.node.name, b.node.name))
);

let view: View = EMPTY_VIEW;

/** Follows the cluster until the signal is aborted, or the controller refuses. */
export function followCluster(signal: AbortSignal): Promise<void> {
  return keepWatching({
    client,
    after: () => lastEventOf(view),
    onMessage: show,
    onConnection: (now) => connection.value = now,
    wakeUp: (wake) => {
      addEventListener("online", wake);
      document.addEventListener("visibilitychange", wake);
      return () => {
        removeEventListener("online", wake);
        document.removeEventListener("visibilitychange", wake);
      };
    },
    signal,
  });
}

/** Takes a message over. Exported for pages that are shown a cluster which isn't there, to look at them. */
export function show(message: WatchMessage): void {
  view = received(view, message);
  batch(() => {
    if (message.kind === "snapshot") aheadMs.value = clockAheadMs(message.replicas, Date.now());
    cluster.value = view.cluster;
    services.value = view.services;
    nodes.value = view.nodes;
    replicas.value = view.replicas;
    events.value = view.events;
    eventsGone.value = view.gone;
  });
}

function grouped(keyOf: (replica: ReplicaView) => string): ReadonlyMap<string, ReplicaView[]> {
  const groups = Map.groupBy(replicas.value.values(), keyOf);
  for (const group of groups.values()) {
    group.sort((a, b) => compare(a.service, b.service) || a.slot - b.slot || a.fence - b.fence);
  }
  return groups;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
