/**
 * Services, replicas and nodes as the API shows them, for tests of what is followed.
 * @module
 */
import { emptySight, type Sight } from "../../../lib/console/cli/follow/sight.ts";
import type { NodeView, ReplicaView, ServiceView } from "../../../lib/wire/api.ts";
import type { RolloutView } from "../../../lib/wire/change.ts";
import type { WatchMessage } from "../../../lib/wire/watch.ts";
import { ServiceSpec } from "../../../lib/cluster/service.ts";
import { changes as changesOf, nodeView, replicaView, rolloutView, serviceView } from "../../support/views.ts";

const AT = "2026-03-01T12:00:00.000Z";

export function spec(fields: Partial<Parameters<typeof ServiceSpec.parse>[0] & object> = {}): ServiceSpec {
  return ServiceSpec.parse({ name: "web", command: ["payload"], ...fields });
}

/** Three of three ready, unless said otherwise. */
export function service(fields: Partial<ServiceView> = {}): ServiceView {
  const { desired = 3 } = fields;
  const all = { desired, ready: desired, assigned: desired };
  return serviceView("web", { ...all, at: AT, by: "ada", spec: spec(), revision: 7, ...fields });
}

/** Under way from generation 1 to 2, unless said otherwise. */
export function rollout(fields: Partial<RolloutView> = {}): RolloutView {
  return rolloutView({ began: AT, changed: AT, updated: 0, ...fields });
}

export function replica(fields: Partial<ReplicaView> = {}): ReplicaView {
  const { slot = 0, service = "web" } = fields;
  return replicaView(slot + 1, {
    id: `00000000-0000-4000-8000-00000000000${slot}`,
    name: `${service}.${slot}`,
    node: "n1",
    node_name: "alpha",
    pid: 1,
    port: 2,
    started_at: AT,
    uptime_s: 1,
    instance: "i1",
    fence: 1,
    revision: 3,
    ...fields,
  });
}

export function node(fields: Partial<NodeView> = {}): NodeView {
  const own = { id: "n1", name: "alpha", url: "http://127.0.0.1:9090", identity: null };
  return nodeView(1, { ...own, last_seen_s: 0, capacity: { cpu: 1, memory: 1 }, revision: 5, ...fields });
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

export function changes(
  parts: Parts,
  removed: Partial<Record<"services" | "nodes" | "replicas", string[]>> = {},
): WatchMessage {
  return changesOf({ ...parts, removed: { services: [], nodes: [], replicas: [], ...removed } });
}
