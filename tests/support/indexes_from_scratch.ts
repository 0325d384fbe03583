/**
 * The indexes of the cluster's state, told twice in one comparable form: as `apply` keeps them step by step, and as they
 * follow from the records and observations alone. Written without the code that keeps them.
 * @module
 */
import type { NodeState } from "../../lib/cluster/node.ts";
import type { ReplicaState } from "../../lib/cluster/replica.ts";
import type { ClusterState, ServiceState } from "../../lib/cluster/state.ts";

interface Indexes {
  readyNodes: number;
  nodesByName: string[];
  unmarked: string[];
  unsettled: string[];
  services: Record<string, ServiceIndexes>;
  nodes: Record<string, NodeIndexes>;
}

interface ServiceIndexes {
  slots: Record<string, string[]>;
  missing: number[];
  attention: string[];
  successors: string[];
  ready: number;
}

interface NodeIndexes {
  replicas: string[];
  perService: Record<string, number>;
  going: Record<string, number>;
  cpu: number;
  memory: number;
  nominalCpu: number;
  nominalMemory: number;
}

export function indexesKept(state: ClusterState): Indexes {
  return {
    readyNodes: state.readyNodes,
    nodesByName: state.nodesByName.map(({ record }) => record.id),
    unmarked: [...state.unmarked].sort(),
    unsettled: [...state.unsettled].sort(),
    services: byKey([...state.services], (service) => ({
      slots: byKey([...service.slots], (ids) => ids.toSorted()),
      missing: [...service.missing].sort((a, b) => a - b),
      attention: [...service.attention].sort(),
      successors: [...service.successors].sort(),
      ready: service.ready,
    })),
    nodes: byKey([...state.nodes], ({ replicas, perService, going, reserved, nominal }) => ({
      replicas: [...replicas].sort(),
      perService: byKey([...perService], (count) => count),
      going: byKey([...going], (count) => count),
      cpu: rounded(reserved.cpu),
      memory: rounded(reserved.memory),
      nominalCpu: rounded(nominal.cpu),
      nominalMemory: rounded(nominal.memory),
    })),
  };
}

export function indexesFromScratch(state: ClusterState): Indexes {
  const replicas = [...state.replicas.values()];
  const nodes = [...state.nodes.values()];
  const services = byKey([...state.services], (service) => serviceIndexes(state, service, replicas));
  const unsettled = Object.entries(services).filter(([name, { missing, attention }]) =>
    missing.length > 0 || attention.length > 0 || state.services.get(name)?.record.removed === true ||
    ["canary", "rolling"].includes(state.services.get(name)?.rollout?.record.phase ?? "")
  );
  return {
    readyNodes: nodes.filter(({ liveness }) => liveness === "ready").length,
    nodesByName: nodes.map(({ record }) => `${record.name}\n${record.id}`).sort().map((key) => key.split("\n")[1]!),
    unmarked: nodes.filter(isBehind).map(({ record }) => record.id).sort(),
    unsettled: unsettled.map(([name]) => name).sort(),
    services,
    nodes: byKey([...state.nodes], (node) => nodeIndexes(node, replicas)),
  };
}

function serviceIndexes(state: ClusterState, { record }: ServiceState, all: readonly ReplicaState[]): ServiceIndexes {
  const own = all.filter((replica) => replica.record.service === record.name);
  const slots = Map.groupBy(own, (replica) => replica.record.slot);
  const wanted = record.removed ? [] : Array.from({ length: record.desired }, (_, slot) => slot);
  const succeeds = ({ record: { successor_of: predecessor } }: ReplicaState) =>
    predecessor !== null && state.replicas.has(predecessor);
  const isWell = (replica: ReplicaState) => {
    const node = state.nodes.get(replica.record.node);
    if (node === undefined || node.liveness === "lost" || node.leaving || node.record.draining) return false;
    if (replica.record.draining || !wanted.includes(replica.record.slot)) return false;
    const { generation } = replica.record;
    if ((generation !== record.generation && !record.alike.includes(generation)) || succeeds(replica)) return false;
    const { phase, crashes } = replica.observed ?? { phase: "running", crashes: 0 };
    return !((phase === "exited" || phase === "pending") && crashes > record.spec.restart.attempts);
  };
  return {
    slots: byKey([...slots], (members) => members.map((replica) => replica.record.id).sort()),
    missing: wanted.filter((slot) => !(slots.get(slot) ?? []).some((replica) => !replica.record.draining)),
    attention: own.filter((replica) => !isWell(replica)).map((replica) => replica.record.id).sort(),
    successors: own.filter(succeeds).map((replica) => replica.record.id).sort(),
    ready: own.filter((replica) => takesRequests(state, replica)).length,
  };
}

function takesRequests(state: ClusterState, { record, observed }: ReplicaState): boolean {
  const node = state.nodes.get(record.node);
  return node !== undefined && node.liveness !== "lost" && !record.draining &&
    observed?.ready === true && observed.phase === "running";
}

function nodeIndexes({ record }: NodeState, all: readonly ReplicaState[]): NodeIndexes {
  const own = all.filter((replica) => replica.record.node === record.id);
  const sum = (replicas: readonly ReplicaState[], of: (replica: ReplicaState) => number) =>
    replicas.reduce((total, replica) => total + of(replica), 0);
  const perService = Map.groupBy(own, (replica) => replica.record.service);
  const going = own.filter((replica) => replica.record.draining);
  const staying = own.filter((replica) => !replica.record.draining);
  return {
    replicas: own.map((replica) => replica.record.id).sort(),
    perService: byKey([...perService], (members) => members.length),
    going: byKey([...Map.groupBy(going, (replica) => replica.record.service)], (members) => members.length),
    cpu: rounded(sum(own, ({ resources }) => resources.cpu)),
    memory: rounded(sum(own, ({ resources }) => resources.memory)),
    nominalCpu: rounded(sum(staying, ({ resources }) => resources.cpu || 0.05)),
    nominalMemory: rounded(sum(staying, ({ resources }) => resources.memory || 32)),
  };
}

function isBehind({ liveness, record }: NodeState): boolean {
  if (liveness === "lost") return !record.lost;
  return liveness === "ready" && (record.lost || record.losses > 0);
}

/** Sums of fractions depend on their order in the last digits. */
function rounded(sum: number): number {
  return Math.round(sum * 1_000) + 0;
}

function byKey<T, U>(entries: [string | number, T][], tell: (value: T) => U): Record<string, U> {
  const told = entries.map(([key, value]): [string, U] => [String(key), tell(value)]);
  return Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1)));
}
