/**
 * The cluster as the dashboard has it: a snapshot from `GET /v1/watch`, then change after change. Pure. What a message
 * doesn't speak of stays the very same object, so that only what changed is drawn anew.
 * @module
 */
import type { EventView, NodeView, ReplicaView, ServiceView } from "../../../wire/api.ts";
import type { ClusterView, WatchMessage } from "../../../wire/watch.ts";

/** The last events are kept, for the pages that show some; the page of events asks for more itself. */
export const EVENTS_MAX = 500;

export interface View {
  cluster: ClusterView | undefined;
  services: ReadonlyMap<string, ServiceView>;
  nodes: ReadonlyMap<string, NodeView>;
  replicas: ReadonlyMap<string, ReplicaView>;
  /** In their order. */
  events: readonly EventView[];
  /** Events were missed that nobody has any more. */
  gone: boolean;
}

export const EMPTY_VIEW: View = {
  cluster: undefined,
  services: new Map(),
  nodes: new Map(),
  replicas: new Map(),
  events: [],
  gone: false,
};

/** The view after a message. */
export function received(view: View, message: WatchMessage): View {
  const events = joined(view.events, message.events);
  if (message.kind === "snapshot") {
    return {
      cluster: message.cluster,
      services: new Map(message.services.map((service) => [service.name, service])),
      nodes: new Map(message.nodes.map((node) => [node.id, node])),
      replicas: new Map(message.replicas.map((replica) => [replica.id, replica])),
      events,
      gone: message.gone,
    };
  }
  const { removed } = message;
  return {
    cluster: message.cluster ?? view.cluster,
    services: changed(view.services, message.services, { keyOf: ({ name }) => name, removed: removed.services }),
    nodes: changed(view.nodes, message.nodes, { keyOf: ({ id }) => id, removed: removed.nodes }),
    replicas: changed(view.replicas, message.replicas, { keyOf: ({ id }) => id, removed: removed.replicas }),
    events,
    gone: view.gone,
  };
}

/** To be given as `after` when the stream is opened again; undefined before the first message. */
export function lastEventOf({ events }: View): number | undefined {
  return events.at(-1)?.id;
}

/**
 * By how much the controller's clock is ahead of this one, as a replica that runs tells: it says since when, and for how
 * long by then. 0 when none does, or the difference is but the time that the message took.
 */
export function clockAheadMs(replicas: Iterable<ReplicaView>, localMs: number): number {
  for (const { started_at, uptime_s } of replicas) {
    if (started_at === null || uptime_s === null || uptime_s === 0) continue;
    const aheadMs = Date.parse(started_at) + uptime_s * 1_000 - localMs;
    return Math.abs(aheadMs) > 2_000 ? aheadMs : 0;
  }
  return 0;
}

function changed<T>(
  before: ReadonlyMap<string, T>,
  changes: readonly T[],
  { keyOf, removed }: { keyOf: (item: T) => string; removed: readonly string[] },
): ReadonlyMap<string, T> {
  if (changes.length === 0 && removed.length === 0) return before;
  const after = new Map(before);
  for (const key of removed) after.delete(key);
  for (const item of changes) after.set(keyOf(item), item);
  return after;
}

/** New events behind those known. A controller that started anew counts on from larger ids, and never repeats one. */
function joined(before: readonly EventView[], more: readonly EventView[]): readonly EventView[] {
  const last = before.at(-1)?.id ?? 0;
  const news = more.filter(({ id }) => id > last);
  return news.length === 0 ? before : [...before, ...news].slice(-EVENTS_MAX);
}
