/**
 * One message of changes: what changed in the cluster since the one before, as everybody is told it, and the part of it
 * that is for somebody whose token is for some services only.
 * @module
 */
import type { EventView, NodeView, ReplicaView, ServiceView } from "../../wire/api.ts";
import type { ClusterView, WatchMessage } from "../../wire/watch.ts";
import type { ApiContext } from "../api/context.ts";
import { covers } from "../people/principal.ts";
import { ownNodeView, seesEvent } from "./own_view.ts";
import type { Watcher } from "./watcher.ts";

/** What has changed. */
export interface Changes {
  /** Where it has. */
  cluster: ClusterView | undefined;
  services: readonly ServiceView[];
  nodes: readonly NodeView[];
  replicas: readonly ReplicaView[];
  events: readonly EventView[];
  removed: {
    services: readonly string[];
    nodes: readonly string[];
    /** By id, with whose it was. */
    replicas: readonly (readonly [id: string, service: string])[];
  };
  /** The nodes about which anything may be new for somebody. */
  touchedNodes: readonly string[];
}

/** All of it; undefined when that is nothing. */
export function wholeMessage({ touchedNodes: _, removed, ...changes }: Changes): WatchMessage | undefined {
  const replicas = removed.replicas.map(([id]) => id);
  return unlessEmpty({ kind: "changes", ...changes, removed: { ...removed, replicas } });
}

/** What is for that watcher; undefined when that is nothing. */
export function ownMessage(
  viewer: Pick<ApiContext, "state" | "clock" | "waits" | "leader">,
  changes: Changes,
  watcher: Watcher,
): WatchMessage | undefined {
  const { who } = watcher;
  const sees = (service: string) => covers(who, service);
  const { cluster, removed } = changes;
  const nodes: NodeView[] = [];
  const left: string[] = [];
  for (const id of changes.touchedNodes) {
    const view = ownNodeView(viewer, id, who);
    if (view === undefined) {
      if (watcher.forgets(id)) left.push(id);
    } else if (watcher.knows(view)) nodes.push(view);
  }
  return unlessEmpty({
    kind: "changes",
    cluster,
    services: changes.services.filter(({ name }) => sees(name)),
    nodes,
    replicas: changes.replicas.filter(({ service }) => sees(service)),
    events: changes.events.filter((event) => seesEvent(who, event)),
    removed: {
      services: removed.services.filter(sees),
      nodes: left,
      replicas: removed.replicas.filter(([, service]) => sees(service)).map(([id]) => id),
    },
  });
}

type Message = Extract<WatchMessage, { kind: "changes" }>;
type Told = { readonly [K in keyof Omit<Message, "cluster" | "removed">]: Readonly<Message[K]> } & {
  cluster: ClusterView | undefined;
  removed: { readonly [K in keyof Message["removed"]]: readonly string[] };
};

function unlessEmpty({ cluster, ...told }: Told): WatchMessage | undefined {
  const { services, nodes, replicas, events, removed } = told;
  const lists = [services, nodes, replicas, events, ...Object.values(removed)];
  if (cluster === undefined && lists.every(({ length }) => length === 0)) return undefined;
  return { ...told, ...(cluster && { cluster }) } as WatchMessage;
}
