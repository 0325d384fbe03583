/**
 * Services, nodes, replicas and events as the API shows them, short to write, for tests of what people see.
 * @module
 */
import type { EventView, NodeView, ReplicaView, ServiceView } from "../../lib/wire/api.ts";
import type { RolloutView } from "../../lib/wire/change.ts";
import type { WatchMessage } from "../../lib/wire/watch.ts";
import { idOf, specNamed, wallAt } from "./builders.ts";

/** The nth replica of `web`, which runs and is ready. */
export function replicaView(n: number, fields: Partial<ReplicaView> = {}): ReplicaView {
  return {
    id: idOf("replica", n),
    name: `web.${n - 1}`,
    service: "web",
    slot: n - 1,
    node: idOf("node", 1),
    node_name: "n1",
    phase: "running",
    ready: true,
    pid: 4_711,
    port: 20_000 + n,
    ports: {},
    started_at: wallAt(0),
    uptime_s: 10,
    restarts: 0,
    crashes: 0,
    reason: "",
    generation: 1,
    instance: null,
    fence: n,
    exit: null,
    revision: n,
    ...fields,
  };
}

/** A service with three ready replicas. */
export function serviceView(name: string, fields: Partial<ServiceView> = {}): ServiceView {
  return {
    name,
    generation: 1,
    desired: 3,
    ready: 3,
    assigned: 3,
    removed: false,
    waiting: [],
    at: wallAt(0),
    by: null,
    cause: "release",
    rollout: null,
    spec: specNamed(name),
    revision: 1,
    ...fields,
  };
}

/** A rollout to generation 2 that goes on. */
export function rolloutView(fields: Partial<RolloutView> = {}): RolloutView {
  return {
    phase: "rolling",
    cause: "release",
    from: 1,
    to: 2,
    paused: false,
    began: wallAt(0),
    changed: wallAt(0),
    reason: "",
    last_words: [],
    updated: 1,
    ...fields,
  };
}

/** The nth node, ready. */
export function nodeView(n: number, fields: Partial<NodeView> = {}): NodeView {
  return {
    id: idOf("node", n),
    name: `n${n}`,
    url: `http://n${n}:9090`,
    status: "ready",
    labels: {},
    replicas: 0,
    last_seen_s: 0.5,
    version: "0.1.0",
    identity: idOf("agent", n),
    draining: false,
    drain: null,
    leaving: false,
    skew: null,
    capacity: { cpu: 4, memory: 4_096 },
    reserved: { cpu: 0, memory: 0 },
    revision: n,
    ...fields,
  };
}

export function eventView(id: number, fields: Partial<EventView> = {}): EventView {
  return { id, time: wallAt(id), kind: "replica_ready", severity: "info", text: `event ${id}`, ...fields };
}

type Snapshot = Extract<WatchMessage, { kind: "snapshot" }>;
type Changes = Extract<WatchMessage, { kind: "changes" }>;

export function snapshot(fields: Partial<Snapshot> = {}): Snapshot {
  const cluster = { id: "c", leader: "http://c:8000", epoch: 1, version: "0.1.0", revision: 1, held_up: null };
  return { kind: "snapshot", cluster, services: [], nodes: [], replicas: [], events: [], gone: false, ...fields };
}

export function changes(fields: Partial<Changes> = {}): Changes {
  const removed = { services: [], nodes: [], replicas: [] };
  return { kind: "changes", services: [], nodes: [], replicas: [], events: [], removed, ...fields };
}
