/**
 * Random lives of a cluster for property tests: moves such as "the operator scales" or "a node goes silent", which are
 * turned into events that could really come at that moment. A move draws its own choices from small numbers, so that
 * fast-check can shrink a failing life to the few moves that matter.
 * @module
 */
import fc from "fast-check";
import type { Event } from "../../lib/cluster/event.ts";
import { type Change, put, remove } from "../../lib/cluster/record.ts";
import { isUnderWay } from "../../lib/cluster/rollout.ts";
import { release } from "../../lib/controller/change/release.ts";
import {
  assignment,
  crashed,
  idOf,
  node,
  observation,
  service,
  type SpecFields,
  specNamed,
  wallAt,
} from "./builders.ts";
import { LittleCluster } from "./little_cluster.ts";

const SERVICES = ["api", "web"] as const;

const UPDATES: SpecFields["update"][] = [
  {},
  { min_healthy: "0s", max_surge: 2 },
  { canary: 1 },
  { strategy: "blue_green" },
  { max_surge: 0, max_unavailable: 2 },
  { max_surge: "50%", max_unavailable: "40%", auto_rollback: false },
];

const KINDS = [
  "scale",
  "release",
  "steer",
  "drain",
  "lose",
  "hear",
  "cut",
  "leave",
  "goodbye",
  "left",
  "rename",
  "remove_node",
  "add_node",
  "remove_service",
  "crash",
  "unready",
  "gone",
  "snapshot",
  "pause",
  "wait",
  "decide",
  "obey",
] as const;

export interface Move {
  kind: typeof KINDS[number];
  /** Picks which service, node or replica it is about. */
  pick: number;
  amount: number;
}

export const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom(...KINDS),
  pick: fc.nat(30),
  amount: fc.nat(6),
});

export const moves: fc.Arbitrary<Move[]> = fc.array(move, { maxLength: 60, size: "max" });

/** A cluster of five nodes with two services that are placed nowhere yet. */
export function foundedCluster(): LittleCluster {
  return LittleCluster.of(
    5,
    service("web", 3, { resources: { cpu: 0.3, memory: 100 } }),
    service("api", 2, { placement: { max_per_node: 2 } }),
  );
}

/** Plays one move. */
export function play(cluster: LittleCluster, { kind, pick, amount }: Move): void {
  const { state } = cluster;
  const at = state.nodesByName[pick % Math.max(1, state.nodesByName.length)];
  const own = state.services.get(SERVICES[pick % SERVICES.length]!);
  const replica = [...state.replicas.values()][pick % Math.max(1, state.replicas.size)];
  switch (kind) {
    case "scale":
      if (own?.record.removed === false) cluster.put({ ...own.record, desired: amount });
      return;
    case "release": {
      if (own?.record.removed !== false) return;
      const env = { RELEASE: String(amount) };
      const fields = { env, resources: { cpu: amount / 10 }, update: UPDATES[pick % UPDATES.length]! };
      const spec = { ...specNamed(own.record.name, fields), replicas: own.record.desired };
      const cause = pick % 4 === 0 ? "restart" : "release";
      cluster.commit(release(state, spec, { at: wallAt(0), by: null, cause }).changes);
      return;
    }
    case "steer": {
      const rollout = own?.rollout;
      if (rollout === undefined || !isUnderWay(rollout)) return;
      const { record } = rollout;
      if (amount > 3) cluster.put({ ...record, paused: !record.paused });
      else cluster.put({ ...record, phase: "rolling" });
      return;
    }
    case "remove_service":
      if (own === undefined) cluster.put(service(SERVICES[pick % SERVICES.length]!, amount));
      else if (amount === 0) cluster.put({ ...own.record, removed: true, desired: 0 });
      return;
    case "add_node":
      // The id of a node is never used again.
      cluster.put(node(state.revision + 10));
      return;
    case "crash":
    case "unready":
    case "gone": {
      if (replica === undefined || !state.nodes.has(replica.record.node)) return;
      const { id, node: where } = replica.record;
      if (kind === "gone") cluster.tell({ kind: "gone", node: where, replica: id });
      else if (kind === "crash") cluster.observe(crashed(replica.record, amount * 2), where);
      else cluster.observe(observation(replica.record, { ready: false, reason: "answers 500" }), where);
      return;
    }
    case "pause":
      cluster.tell({ kind: "paused" });
      return;
    case "wait":
      cluster.nowMs += amount * 40_000;
      return;
    case "decide":
      cluster.step();
      return;
    case "obey":
      return cluster.obey();
    default:
      if (at !== undefined) playOnNode(cluster, at.record.name, { kind, pick, amount });
  }
}

type NodeMove = Exclude<
  Move["kind"],
  | "scale"
  | "release"
  | "steer"
  | "remove_service"
  | "add_node"
  | "crash"
  | "unready"
  | "gone"
  | "pause"
  | "wait"
  | "decide"
  | "obey"
>;

function playOnNode(cluster: LittleCluster, name: string, { kind, amount }: Move & { kind: NodeMove }): void {
  const at = cluster.node(name);
  const { id } = at.record;
  switch (kind) {
    case "drain":
      cluster.put({ ...at.record, draining: !at.record.draining });
      return;
    case "rename":
      cluster.put({ ...at.record, name: `${String.fromCharCode(97 + amount)}${at.record.name}` });
      return;
    case "lose":
      return cluster.lose(name);
    case "hear":
      cluster.hear(name);
      return;
    case "cut":
      cluster.tell({ kind: "cut", node: id });
      return;
    case "leave":
      cluster.tell({ kind: "leaving", node: id });
      return;
    case "goodbye":
    case "left":
      cluster.tell({ kind: "goodbye", node: id, replicas: kind === "left" ? "left" : "drained" });
      return;
    case "remove_node":
      cluster.commit([remove(at.record)]);
      return;
    case "snapshot": {
      const told = [...at.replicas].slice(amount % 3).flatMap((replica) => cluster.state.replicas.get(replica) ?? []);
      const replicas = told.map(({ record }) => observation(record));
      cluster.tell({ kind: "snapshot", node: id, replicas });
      return;
    }
    default:
      return kind satisfies never;
  }
}

/** All that was wrong is well again: every node is there, and none is being drained. */
export function mend(cluster: LittleCluster): void {
  for (const { record } of [...cluster.state.nodesByName]) {
    if (record.draining) cluster.put({ ...record, draining: false });
    cluster.hear(record.name);
    const held = [...cluster.state.replicas.values()].filter((replica) => replica.record.node === record.id);
    const replicas = held.map((replica) => replica.observed ?? observation(replica.record));
    cluster.tell({ kind: "snapshot", node: record.id, replicas });
  }
}

const id = (kind: "node" | "replica") => fc.nat(4).map((n) => idOf(kind, n));
const seen = fc.tuple(fc.nat(4), fc.boolean(), fc.nat(9)).map(([n, up, crashes]) =>
  up ? observation(assignment(n + 1), { crashes }) : crashed(assignment(n + 1), crashes)
);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.constantFrom("web", "api"), fc.nat(4), fc.boolean()).map(([name, desired, removed]) =>
    put({ ...service(name, desired), removed })
  ),
  fc.tuple(fc.nat(4), fc.boolean(), fc.boolean()).map(([n, draining, lost]) => put(node(n, { draining, lost }))),
  fc.record({ slot: fc.nat(3), generation: fc.nat(2), node: id("node"), draining: fc.boolean() }).chain((fields) =>
    fc.tuple(fc.nat(4), fc.option(id("replica"))).map(([n, successor_of]) =>
      put(assignment(n + 1, { ...fields, successor_of }))
    )
  ),
  fc.constantFrom("service/web", "service/api", `node/${idOf("node", 1)}`, `assignment/${idOf("replica", 1)}`, "x").map(
    (key): Change => ({ op: "delete", key }),
  ),
);

/** Any event at all, also ones that no store and no agent would ever give. */
export const event: fc.Arbitrary<Event> = fc.oneof(
  fc.tuple(fc.nat(9), fc.array(change, { maxLength: 5 })).map(([revision, changes]): Event => ({
    kind: "committed",
    commit: { revision, changes },
  })),
  fc.record({ kind: fc.constant("heard" as const), node: id("node"), version: fc.string(), leaving: fc.boolean() }),
  fc.record({ kind: fc.constantFrom("missed" as const, "cut" as const, "leaving" as const), node: id("node") }),
  fc.record({ kind: fc.constant("snapshot" as const), node: id("node"), replicas: fc.array(seen, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant("observed" as const), node: id("node"), observation: seen }),
  fc.record({ kind: fc.constant("gone" as const), node: id("node"), replica: id("replica") }),
  fc.record({
    kind: fc.constant("goodbye" as const),
    node: id("node"),
    replicas: fc.constantFrom("drained" as const, "left" as const),
  }),
  fc.constant<Event>({ kind: "paused" }),
);
