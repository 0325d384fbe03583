/**
 * `GET /v1/watch`: the cluster as it is, and then whatever changes, on one event stream. It is about the state, not about
 * its history: who was away gets a new snapshot, with the events that were missed.
 * @module
 */
import * as z from "zod";
import { EventView, NodeView, ReplicaView, ServiceView } from "./api.ts";

const ClusterView = z.object({
  id: z.string(),
  leader: z.string(),
  epoch: z.int(),
  version: z.string(),
  revision: z.int(),
  /** What holds decisions up, if anything: nodes not heard yet, a mass loss, a full store. */
  held_up: z.string().nullable(),
});
export type ClusterView = z.infer<typeof ClusterView>;

const resources = {
  services: z.array(ServiceView),
  nodes: z.array(NodeView),
  replicas: z.array(ReplicaView),
  /** In their order. */
  events: z.array(EventView),
};

/** A message; its `id` is that of the last event that was told. */
export const WatchMessage = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("snapshot"),
    cluster: ClusterView,
    ...resources,
    /** Events after the id asked for are no longer kept. */
    gone: z.boolean(),
  }),
  z.object({
    kind: z.literal("changes"),
    cluster: ClusterView.optional(),
    ...resources,
    /** By name, and by id. */
    removed: z.object({ services: z.array(z.string()), nodes: z.array(z.string()), replicas: z.array(z.string()) }),
  }),
]);
export type WatchMessage = z.infer<typeof WatchMessage>;
