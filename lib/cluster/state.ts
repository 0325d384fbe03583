/**
 * The cluster as the controller knows it, with the indexes from which decisions are made. `apply` owns and updates it in
 * place; the indexes keep what needs attention apart from what is well, so that a decision costs by what has changed
 * and not by how much there is.
 * @module
 */
import { attemptsUsedUp } from "./backoff.ts";
import { type Balance, evenBalance, PLACING_USUAL, type PlacingRule } from "./balance.ts";
import type { MassLoss } from "./mass_loss.ts";
import type { NodeState } from "./node.ts";
import type { ReplicaState } from "./replica.ts";
import type { RolloutState } from "./rollout.ts";
import { isPresent, type ServiceRecord, specOf } from "./service_record.ts";
import { keepsData } from "./surroundings.ts";
import type { Touched } from "./touched.ts";

export interface ServiceState {
  record: ServiceRecord;
  /** Its way to the present generation, also once it has come to its end. */
  rollout: RolloutState | undefined;
  /** The nodes where the slots were last, of a service that keeps or once kept data, or likes its slots to stay. */
  homes: Map<number, string>;
  /** All replicas of a slot; more than one only while one takes over from another. */
  slots: Map<number, string[]>;
  /** Slots below the scale that no replica fills. */
  missing: Set<number>;
  /** Replicas that are not plainly well where they are. */
  attention: Set<string>;
  /** Replicas that take over from one that is still there. */
  successors: Set<string>;
  ready: number;
}

/** When a silent node is given up. */
export interface LossRule {
  misses: number;
  lostAfterMs: number;
}

export interface ClusterState {
  cluster: string;
  epoch: number;
  revision: number;
  lossRule: LossRule;
  placing: PlacingRule;
  services: Map<string, ServiceState>;
  nodes: Map<string, NodeState>;
  /** The same nodes, by name and id. */
  nodesByName: NodeState[];
  /** Nodes whose record is behind what was seen of them. */
  unmarked: Set<string>;
  /** How many nodes are ready. */
  readyNodes: number;
  replicas: Map<string, ReplicaState>;
  /** The revision of the commit that wrote each service, node and assignment last. */
  revisions: Map<string, number>;
  /** When the store's content was taken in, in monotonic milliseconds. */
  loadedMs: number;
  /** Nodes that have yet to be heard since the controller's start, before anything is decided. */
  unheard: Set<string>;
  massLoss: MassLoss;
  balance: Balance;
  /** Services with missing slots or replicas that need attention. */
  unsettled: Set<string>;
  /** Services whose endpoints may have changed since the ingress was told; the loop empties it. */
  endpointsChanged: Set<string>;
  /** Nodes whose orders have changed since they were sent; the loop empties it. */
  ordersChanged: Set<string>;
  /** What has changed for who watches the cluster, while somebody does; whoever tells them empties it. */
  touched: Touched | undefined;
}

export function emptyState(lossRule: LossRule, placing: PlacingRule = PLACING_USUAL): ClusterState {
  return {
    cluster: "",
    epoch: 0,
    revision: 0,
    lossRule,
    placing,
    services: new Map(),
    nodes: new Map(),
    nodesByName: [],
    unmarked: new Set(),
    readyNodes: 0,
    replicas: new Map(),
    revisions: new Map(),
    loadedMs: 0,
    unheard: new Set(),
    massLoss: { active: false, turned: new Map(), returningUntilMs: 0 },
    balance: evenBalance(),
    unsettled: new Set(),
    endpointsChanged: new Set(),
    ordersChanged: new Set(),
    touched: undefined,
  };
}

/** For how long after a start nodes that answer may withhold what runs on them. */
export const UNHEARD_MAX_MS = 15_000;

/** Whether decisions still wait for nodes to say what runs on them; one that never says so must not stop all for ever. */
export function isRecovering(state: ClusterState, nowMs: number): boolean {
  return state.unheard.size > 0 && nowMs < state.loadedMs + UNHEARD_MAX_MS;
}

/** Whether a replica waits for one more start than its restart policy allows it where it is. */
export function isCrashedOut(service: ServiceState, replica: ReplicaState): boolean {
  const observed = replica.observed;
  if (observed === undefined || (observed.phase !== "exited" && observed.phase !== "pending")) return false;
  return attemptsUsedUp(specOf(service.record, replica.record.generation).restart, observed.crashes);
}

/** Whether replicas should be moved away from a node that is still there. */
export function isBeingEmptied(node: NodeState): boolean {
  return node.leaving || node.record.draining;
}

/**
 * Whether a replica takes over for balance alone: from its like, which is wanted and could stay where it is, on a node
 * where it may stay as well.
 */
export function isMove(state: ClusterState, { record }: ReplicaState): boolean {
  const service = state.services.get(record.service)?.record;
  const predecessor = state.replicas.get(record.successor_of ?? "")?.record;
  if (service === undefined || predecessor === undefined) return false;
  const mayStay = (id: string) => {
    const node = state.nodes.get(id);
    return node !== undefined && node.liveness !== "lost" && !isBeingEmptied(node);
  };
  return !service.removed && record.slot < service.desired && isPresent(service, record.generation) &&
    isPresent(service, predecessor.generation) && mayStay(record.node) && mayStay(predecessor.node);
}

/** What fills a slot, or is to. */
export interface Filling {
  slot: number;
  generation: number;
}

/** The node to which a slot belongs, as its data is there; none when the data was given up with its node. */
export function homeOf(
  state: ClusterState,
  service: ServiceState,
  { slot, generation }: Filling,
): NodeState | undefined {
  if (!keepsData(specOf(service.record, generation))) return undefined;
  return state.nodes.get(service.homes.get(slot) ?? "");
}

/** The node where a slot was last, of a service whose slots like to go back. */
export function lastPlaceOf(
  state: ClusterState,
  service: ServiceState,
  { slot, generation }: Filling,
): NodeState | undefined {
  if (!specOf(service.record, generation).placement.sticky) return undefined;
  return state.nodes.get(service.homes.get(slot) ?? "");
}

/** Whether the slot of a service has a replica that is meant to stay. */
export function isFilled(state: ClusterState, service: ServiceState, slot: number): boolean {
  return (service.slots.get(slot) ?? []).some((id) => state.replicas.get(id)?.record.draining === false);
}

/** Whether nothing has to be decided about a replica. */
export function isWell(state: ClusterState, service: ServiceState, replica: ReplicaState): boolean {
  const { record } = replica;
  const node = state.nodes.get(record.node);
  return !record.draining && !service.record.removed &&
    record.slot < service.record.desired && isPresent(service.record, record.generation) &&
    node !== undefined && node.liveness !== "lost" && !isBeingEmptied(node) &&
    !(record.successor_of !== null && state.replicas.has(record.successor_of)) &&
    !isCrashedOut(service, replica);
}
