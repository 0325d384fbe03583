/**
 * Services, replicas and nodes as the API shows them, for tests of what is followed.
 * @module
 */
import { emptySight, type Sight } from "../../../lib/console/cli/follow/sight.ts";
import { NodeView, ReplicaView, ServiceView } from "../../../lib/wire/api.ts";
import { RolloutView } from "../../../lib/wire/change.ts";
import type { WatchMessage } from "../../../lib/wire/watch.ts";
import { ServiceSpec } from "../../../lib/cluster/service.ts";

const AT = "2026-03-01T12:00:00.000Z";

export function spec(fields: Partial<Parameters<typeof ServiceSpec.parse>[0] & object> = {}): ServiceSpec {
  return ServiceSpec.parse({ name: "web", command: ["payload"], ...fields });
}

/** Three of three ready, unless said otherwise. */
export function service(fields: Partial<ServiceView> = {}): ServiceView {
  const { desired = 3 } = fields;
  return ServiceView.parse({
    name: "web",
    generation: 1,
    desired,
    ready: desired,
    assigned: desired,
    removed: false,
    waiting: [],
    at: AT,
    by: "ada",
    cause: "release",
    rollout: null,
    spec: spec(),
    revision: 7,
    ...fields,
  });
}

/** Under way from generation 1 to 2, unless said otherwise. */
export function rollout(fields: Partial<RolloutView> = {}): RolloutView {
  const [from, to] = [1, 2];
  const told = { began: AT, changed: AT, reason: "", last_words: [], updated: 0, paused: false };
  return RolloutView.parse({ phase: "rolling", cause: "release", from, to, ...told, ...fields });
}

export function replica(fields: Partial<ReplicaView> = {}): ReplicaView {
  const { slot = 0, service = "web" } = fields;
  return ReplicaView.parse({
    id: `00000000-0000-4000-8000-00000000000${slot}`,
    slot,
    node: "n1",
    phase: "running",
    ready: true,
    pid: 1,
    port: 2,
    started_at: AT,
    uptime_s: 1,
    restarts: 0,
    reason: "",
    name: `${service}.${slot}`,
    service,
    node_name: "alpha",
    generation: 1,
    instance: "i1",
    fence: 1,
    crashes: 0,
    exit: null,
    ports: {},
    revision: 3,
    ...fields,
  });
}

export function node(fields: Partial<NodeView> = {}): NodeView {
  return NodeView.parse({
    id: "n1",
    name: "alpha",
    url: "http://127.0.0.1:9090",
    status: "ready",
    labels: {},
    replicas: 0,
    last_seen_s: 0,
    version: "0.1.0",
    identity: null,
    draining: false,
    drain: null,
    leaving: false,
    skew: null,
    capacity: { cpu: 1, memory: 1 },
    reserved: { cpu: 0, memory: 0 },
    revision: 5,
    ...fields,
  });
}

type Parts = Partial<Pick<WatchMessage, "services" | "replicas" | "nodes">>;

/** What is seen of these. */
export function sight({ services = [], replicas = [], nodes = [] }: Parts, fields: Partial<Sight> = {}): Sight {
  return {
    ...emptySight(),
    services: new Map(services.map((one) => [one.name, one])),
    replicas: new Map(replicas.map((one) => [one.id, one])),
    nodes: new Map(nodes.map((one) => [one.id, one])),
    ...fields,
  };
}

const NOTHING = { services: [], replicas: [], nodes: [], events: [] };

export function snapshot(parts: Parts): WatchMessage {
  const cluster = { id: "c", leader: "l", epoch: 1, version: "0.1.0", revision: 1, held_up: null };
  return { kind: "snapshot", cluster, ...NOTHING, ...parts, gone: false };
}

export function changes(
  parts: Parts,
  removed: Partial<Record<"services" | "nodes" | "replicas", string[]>> = {},
): WatchMessage {
  return { kind: "changes", ...NOTHING, ...parts, removed: { services: [], nodes: [], replicas: [], ...removed } };
}
