/**
 * The cluster as a command sees it that follows something: what the messages of `GET /v1/watch` make of one another. It
 * touches nothing; `watch_cluster.ts` gets the messages, `follow.ts` says what a sight means.
 * @module
 */
import type { NodeView, ReplicaView, ServiceView } from "../../../wire/api.ts";
import type { WatchMessage } from "../../../wire/watch.ts";

export interface Sight {
  /** By name. */
  services: Map<string, ServiceView>;
  /** By id. */
  replicas: Map<string, ReplicaView>;
  nodes: Map<string, NodeView>;
  /** What holds decisions up, if anything. */
  heldUp: string | null;
  /** Why the controller can't be asked now; what is seen is what it was before, then. */
  away: string | null;
}

/** What is seen before anything was said. */
export function emptySight(): Sight {
  return { services: new Map(), replicas: new Map(), nodes: new Map(), heldUp: null, away: null };
}

/** Takes a message in, in place. */
export function takeIn(sight: Sight, message: WatchMessage): void {
  const { services, replicas, nodes } = sight;
  switch (message.kind) {
    case "snapshot":
      for (const known of [services, replicas, nodes]) known.clear();
      break;
    case "changes":
      for (const name of message.removed.services) services.delete(name);
      for (const id of message.removed.replicas) replicas.delete(id);
      for (const id of message.removed.nodes) nodes.delete(id);
      break;
    default:
      message satisfies never;
  }
  for (const service of message.services) services.set(service.name, service);
  for (const replica of message.replicas) replicas.set(replica.id, replica);
  for (const node of message.nodes) nodes.set(node.id, node);
  if (message.cluster !== undefined) sight.heldUp = message.cluster.held_up;
}

/** The replicas of a service, by slot. */
export function replicasSeen({ replicas }: Sight, service: string): ReplicaView[] {
  return [...replicas.values()].filter((replica) => replica.service === service)
    .sort((a, b) => a.slot - b.slot || a.fence - b.fence);
}
