/**
 * Facts into state: the first half of the core. `apply` is total and deterministic: it takes an event and the time at
 * which it happened, updates the state in place with its indexes, and tells in words what is worth telling. It never
 * decides anything; `plan` does, from what is left here.
 * @module
 */
import { applyCommit, applySnapshot } from "./apply_commit.ts";
import { balanceAsked, balanceWeighed, nodeMayTakeMore } from "./balance.ts";
import type { Event, Happening } from "./event.ts";
import { reindexNode, reindexReadiness } from "./indexes.ts";
import { noteHomeBack } from "./home_back.ts";
import { movingGoesOn, movingIsHeld, nodeAccountedFor, nodeTurned } from "./mass_loss.ts";
import type { Liveness, LossCause, NodeState } from "./node.ts";
import type { Observation } from "./replica.ts";
import { nameOf, type ReplicaState } from "./replica.ts";
import { isPresent } from "./service_record.ts";
import type { ClusterState } from "./state.ts";

/** Takes one fact in. Returns what happened, in words. */
export function apply(state: ClusterState, event: Event, atMs: number): Happening[] {
  switch (event.kind) {
    case "loaded":
      applySnapshot(state, event.snapshot, atMs);
      return [];
    case "committed":
      return applyCommit(state, event.commit, atMs);
    case "paused":
      for (const node of state.nodes.values()) startCountingAnew(node, atMs);
      return [];
    case "rebalance_asked":
      balanceAsked(state.balance, state.nodes.keys());
      return [];
    case "balance_weighed":
      balanceWeighed(state.balance, event.found);
      return [];
    default: {
      const node = state.nodes.get(event.node);
      return node === undefined ? [] : applyToNode(state, node, { event, atMs });
    }
  }
}

type NodeEvent = Extract<Event, { node: string }>;

function applyToNode(state: ClusterState, node: NodeState, { event, atMs }: { event: NodeEvent; atMs: number }) {
  switch (event.kind) {
    case "heard":
      return heard(state, node, { event, atMs });
    case "missed":
      return missed(state, node, atMs);
    case "cut":
      return node.liveness === "ready" ? turn(state, node, { liveness: "suspect", cause: "cut stream", atMs }) : [];
    case "snapshot": {
      state.unheard.delete(node.record.id);
      const told = new Set(event.replicas.map((observation) => observation.replica));
      for (const id of node.replicas) {
        if (!told.has(id)) observe(state, node, { replica: id, observation: undefined, atMs });
      }
      return event.replicas.flatMap((observation) =>
        observe(state, node, { replica: observation.replica, observation, atMs })
      );
    }
    case "observed":
      return observe(state, node, { replica: event.observation.replica, observation: event.observation, atMs });
    case "gone":
      return observe(state, node, { replica: event.replica, observation: undefined, atMs });
    case "leaving":
      return leaving(state, node);
    case "goodbye":
      return goodbye(state, node, { event, atMs });
    default:
      return event satisfies never;
  }
}

function heard(
  state: ClusterState,
  node: NodeState,
  { event, atMs }: { event: Extract<Event, { kind: "heard" }>; atMs: number },
): Happening[] {
  const before = node.liveness;
  // Who has said goodbye counts again once its agent was started anew, not while it is on its way out.
  if (node.cause === "goodbye" && event.leaving) return [];
  startCountingAnew(node, atMs);
  if (node.version !== event.version) state.touched?.nodes.add(node.record.id);
  node.version = event.version;
  if (before === "ready" && node.leaving === event.leaving) return [];
  const first = before === "pending" && !node.record.lost;
  reindexNode(state, node, () => {
    node.leaving = event.leaving;
    node.drained = false;
    node.cause = undefined;
    setLiveness(node, "ready", atMs);
  });
  // Who only missed a probe has lost nothing to anybody.
  if (before === "pending" || before === "lost") nodeMayTakeMore(state.balance, node.record.id);
  if (before === "lost") noteHomeBack(state, node.record.id, atMs);
  const resumed = nodeAccountedFor(state.massLoss, node.record.id, state.readyNodes);
  if (resumed) state.massLoss.returningUntilMs = atMs + state.lossRule.lostAfterMs;
  const back: Happening[] = before === "ready" || before === "suspect"
    ? []
    : [about(node, { kind: "node_ready", severity: "info", text: first ? "is ready" : "is back" })];
  return [...back, ...(resumed ? [movingGoesOn(state.readyNodes)] : [])];
}

function missed(state: ClusterState, node: NodeState, atMs: number): Happening[] {
  node.missed += 1;
  const { misses, lostAfterMs } = state.lossRule;
  if (node.liveness === "lost") return [];
  if (node.missed >= misses && atMs - node.heardMs >= lostAfterMs) {
    const cause = node.cause ?? "missed probes";
    // A node that was known to be away before this controller started is no news.
    if (node.record.lost) return quietly(state, node, atMs);
    return turn(state, node, { liveness: "lost", cause, atMs });
  }
  return node.liveness === "ready" ? turn(state, node, { liveness: "suspect", cause: undefined, atMs }) : [];
}

function quietly(state: ClusterState, node: NodeState, atMs: number): Happening[] {
  turn(state, node, { liveness: "lost", cause: "missed probes", atMs });
  return [];
}

function goodbye(
  state: ClusterState,
  node: NodeState,
  { event, atMs }: { event: Extract<Event, { kind: "goodbye" }>; atMs: number },
): Happening[] {
  if (event.replicas === "left") return turn(state, node, { liveness: "suspect", cause: "goodbye", atMs });
  node.drained = true;
  const happenings = turn(state, node, { liveness: "lost", cause: "goodbye", atMs });
  const resumed = nodeAccountedFor(state.massLoss, node.record.id, state.readyNodes);
  return [...happenings, ...(resumed ? [movingGoesOn(state.readyNodes)] : [])];
}

function leaving(state: ClusterState, node: NodeState): Happening[] {
  if (node.leaving) return [];
  reindexNode(state, node, () => {
    node.leaving = true;
  });
  return [about(node, { kind: "node_leaving", severity: "info", text: "is leaving; its replicas are moved" })];
}

interface Turn {
  liveness: "suspect" | "lost";
  cause: LossCause | undefined;
  atMs: number;
}

function turn(state: ClusterState, node: NodeState, { liveness, cause, atMs }: Turn): Happening[] {
  const wasReady = node.liveness === "ready";
  reindexNode(state, node, () => {
    node.cause = cause ?? node.cause;
    if (liveness === "lost") node.leaving = false;
    setLiveness(node, liveness, atMs);
  });
  if (liveness === "lost") {
    state.unheard.delete(node.record.id);
    state.balance.underfilled.delete(node.record.id);
  }
  const held = wasReady && cause !== "goodbye" && !node.record.draining &&
    nodeTurned(state.massLoss, { node: node.record.id, atMs, readyLeft: state.readyNodes });
  const words = liveness === "lost" ? `is lost (${node.cause})` : `is suspect (${node.cause ?? "missed a probe"})`;
  const happening = about(node, { kind: `node_${liveness}`, severity: "warn", text: words });
  return held ? [happening, movingIsHeld(state.massLoss, state.readyNodes)] : [happening];
}

interface Seen {
  replica: string;
  observation: Observation | undefined;
  atMs: number;
}

function observe(state: ClusterState, node: NodeState, { replica: id, observation, atMs }: Seen): Happening[] {
  const replica = state.replicas.get(id);
  if (replica === undefined || replica.record.node !== node.record.id) return [];
  const before = replica.observed;
  reindexReadiness(state, replica, () => {
    replica.observed = observation;
  });
  noteReadiness(state, replica, { before, atMs });
  if (observation === undefined) return [];
  const fields = { service: replica.record.service, node: node.record.id, replica: id };
  const name = `${nameOf(replica.record)} on ${node.record.name}`;
  if (observation.ready && before?.ready !== true) {
    return [{ kind: "replica_ready", severity: "info", text: `${name} is ready`, ...fields }];
  }
  // A process that its agent starts anew at once is never seen to be gone: only its restarts tell.
  const restarted = before !== undefined && observation.restarts > before.restarts;
  if (restarted || (observation.phase === "exited" && before?.phase !== "exited")) {
    // A crash is among those that are counted: a restart without any was asked for.
    const isMeant = replica.record.draining || (restarted && observation.crashes === 0);
    const severity = isMeant ? "info" as const : "warn" as const;
    return [{ kind: "replica_exited", severity, text: `${name} ${observation.reason}`, ...fields }];
  }
  if (before?.ready === true && !observation.ready && observation.phase === "running") {
    return [{ kind: "replica_unready", severity: "warn", text: `${name} is ${observation.reason}`, ...fields }];
  }
  return [];
}

/** Since when a replica is ready; that one of a new generation has become so is progress of its rollout. */
function noteReadiness(
  state: ClusterState,
  replica: ReplicaState,
  { before, atMs }: { before: Observation | undefined; atMs: number },
): void {
  const { observed, record } = replica;
  if (observed?.ready !== true) {
    replica.readySinceMs = undefined;
    return;
  }
  if (before?.ready === true && before.restarts === observed.restarts) return;
  replica.readySinceMs = atMs;
  replica.wasReady = true;
  const service = state.services.get(record.service);
  if (service?.rollout !== undefined && isPresent(service.record, record.generation)) service.rollout.progressMs = atMs;
}

function startCountingAnew(node: NodeState, atMs: number): void {
  node.missed = 0;
  node.heardMs = atMs;
}

function setLiveness(node: NodeState, liveness: Liveness, atMs: number): void {
  if (node.liveness !== liveness) node.sinceMs = atMs;
  node.liveness = liveness;
}

function about(node: NodeState, happening: Omit<Happening, "node">): Happening {
  return { ...happening, text: `node ${node.record.name} ${happening.text}`, node: node.record.id };
}
