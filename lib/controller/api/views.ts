/**
 * The cluster's state as the API shows it: the same words in `/status` and in `/v1`, where there is more of them.
 * @module
 */
import type { NodeState } from "../../cluster/node.ts";
import { nameOf, phaseOf, type ReplicaState } from "../../cluster/replica.ts";
import { isPresent } from "../../cluster/service_record.ts";
import type { ClusterState, ServiceState } from "../../cluster/state.ts";
import { skewOf } from "../../cluster/version_skew.ts";
import { VERSION } from "../../runtime/version.ts";
import type { NodeView, ReplicaView, ServiceView, Status, StatusNode, StatusReplica } from "../../wire/api.ts";
import type { RolloutView } from "../../wire/change.ts";
import type { ApiContext } from "./context.ts";
import { drainView } from "./drain_view.ts";
import { covers, isScoped, type Principal } from "../people/principal.ts";

type Viewer = Pick<ApiContext, "state" | "clock" | "waits" | "leader">;

/**
 * `/status`: services by name, their replicas by slot, nodes by name. Whose token is for some services only sees those,
 * and of the nodes those that carry them.
 */
export function statusView(viewer: Viewer, who: Principal): Status {
  const { state, leader } = viewer;
  const services = [...state.services.values()].filter(({ record }) => covers(who, record.name)).toSorted(byName);
  return {
    cluster: { leader: leader(), epoch: state.epoch, version: VERSION, revision: state.revision },
    services: services.map((service) => ({
      name: service.record.name,
      generation: service.record.generation,
      desired: service.record.desired,
      ready: service.ready,
      replicas: replicasOf(state, service).map((replica) => statusReplica(viewer, replica)),
    })),
    nodes: isScoped(who) ? nodesUnder(viewer, services) : state.nodesByName.map((node) => statusNode(viewer, node)),
  };
}

/** The nodes that carry replicas of these services, as if there were no others. */
function nodesUnder(viewer: Viewer, services: readonly ServiceState[]): StatusNode[] {
  const carried = Map.groupBy(
    services.flatMap((service) => replicasOf(viewer.state, service)),
    ({ record }) => record.node,
  );
  return viewer.state.nodesByName.flatMap((node) => {
    const replicas = carried.get(node.record.id)?.length ?? 0;
    return replicas === 0 ? [] : [{ ...statusNode(viewer, node), replicas }];
  });
}

/** The replicas of a service by slot, and within a slot by the order of their assignment. */
export function replicasOf(state: ClusterState, service: ServiceState): ReplicaState[] {
  const slots = [...service.slots].sort(([a], [b]) => a - b);
  return slots.flatMap(([, ids]) =>
    ids.flatMap((id) => state.replicas.get(id) ?? []).sort((a, b) => a.record.fence - b.record.fence)
  );
}

function statusReplica({ state, clock }: Viewer, replica: ReplicaState): StatusReplica {
  const { record, observed } = replica;
  const node = state.nodes.get(record.node);
  const phase = phaseOf(replica, node);
  const startedAt = observed?.started_at ?? null;
  const runs = startedAt !== null && observed?.pid !== null && phase !== "exited" && phase !== "lost";
  return {
    id: record.id,
    slot: record.slot,
    node: record.node,
    phase,
    ready: phase === "running" && observed?.ready === true,
    pid: observed?.pid ?? null,
    port: observed?.port ?? null,
    started_at: startedAt,
    uptime_s: runs ? seconds(Math.max(0, clock.wall() - Date.parse(startedAt))) : null,
    restarts: observed?.restarts ?? 0,
    reason: observed?.reason || record.reason,
  };
}

export function replicaView(viewer: Viewer, replica: ReplicaState): ReplicaView {
  const { record, observed } = replica;
  return {
    ...statusReplica(viewer, replica),
    name: nameOf(record),
    service: record.service,
    node_name: viewer.state.nodes.get(record.node)?.record.name ?? "",
    generation: record.generation,
    instance: observed?.instance ?? null,
    fence: record.fence,
    crashes: observed?.crashes ?? 0,
    exit: observed?.exit ?? null,
    ports: observed?.ports ?? {},
    revision: replicaRevision(viewer.state, record.id) ?? 0,
  };
}

function statusNode({ clock }: Viewer, node: NodeState): StatusNode {
  const { record } = node;
  return {
    id: record.id,
    name: record.name,
    url: record.url,
    status: node.liveness,
    labels: record.labels,
    replicas: node.replicas.size,
    // Before it was ever heard `version` is not known either.
    last_seen_s: node.version === undefined ? null : seconds(clock.now() - node.heardMs),
    version: node.version ?? null,
  };
}

export function nodeView(viewer: Viewer, node: NodeState): NodeView {
  const { record, leaving, reserved } = node;
  return {
    ...statusNode(viewer, node),
    identity: record.identity,
    draining: record.draining,
    drain: drainView(viewer, node),
    leaving,
    skew: skewOf(node.version, VERSION),
    capacity: record.capacity,
    reserved: { ...reserved },
    revision: nodeRevision(viewer.state, record.id) ?? 0,
  };
}

export function serviceView({ state, waits }: Viewer, service: ServiceState): ServiceView {
  const { record, ready, slots } = service;
  const waiting = waits().filter((wait) => wait.service === record.name);
  return {
    name: record.name,
    generation: record.generation,
    desired: record.desired,
    ready,
    assigned: [...slots.values()].reduce((sum, ids) => sum + ids.length, 0),
    removed: record.removed,
    waiting: waiting.map(({ slot, reason }) => `${record.name}.${slot} waits: ${reason}`),
    at: record.at,
    by: record.by,
    cause: record.cause,
    rollout: rolloutView(state, service),
    spec: record.spec,
    revision: serviceRevision(state, record.name) ?? 0,
  };
}

/** The rollout that is under way, or how the last one ended. */
export function rolloutView(state: ClusterState, service: ServiceState): RolloutView | null {
  const { record, rollout } = service;
  if (rollout === undefined) return null;
  const { type: _type, service: _service, ...shown } = rollout.record;
  let updated = 0;
  // In no order: of a large service it is asked with every change of one of its replicas.
  for (const ids of service.slots.values()) {
    for (const id of ids) {
      const replica = state.replicas.get(id);
      if (replica === undefined || replica.record.draining) continue;
      const runs = phaseOf(replica, state.nodes.get(replica.record.node)) === "running";
      if (runs && isPresent(record, replica.record.generation)) updated += 1;
    }
  }
  return { ...shown, updated };
}

export function serviceRevision(state: ClusterState, name: string): number | undefined {
  return state.revisions.get(`service/${name}`);
}

export function nodeRevision(state: ClusterState, id: string): number | undefined {
  return state.revisions.get(`node/${id}`);
}

export function replicaRevision(state: ClusterState, id: string): number | undefined {
  return state.revisions.get(`assignment/${id}`);
}

function seconds(ms: number): number {
  return Math.round(Math.max(0, ms)) / 1_000;
}

function byName(a: ServiceState, b: ServiceState): number {
  return a.record.name < b.record.name ? -1 : 1;
}
