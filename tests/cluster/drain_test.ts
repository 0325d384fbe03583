import { assert, assertEquals } from "@std/assert";
import type { NodeRecord } from "../../lib/cluster/node.ts";
import { service, type SpecFields } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

const FULL: SpecFields = { placement: { max_per_node: 1 } };
const KEEPS: SpecFields = { data: { per_slot: true } };

function running(nodes: number, desired: number, fields: SpecFields = {}): LittleCluster {
  const cluster = LittleCluster.of(nodes, service("web", desired, fields));
  cluster.settle();
  cluster.story.length = 0;
  cluster.happenings.length = 0;
  return cluster;
}

function drain(cluster: LittleCluster, deadline: string | null, since = "2030-01-01T00:00:00.000Z"): void {
  const { record } = cluster.node("n1");
  cluster.put({ ...record, draining: true, drain: { since, deadline, by: "ci", overdue: false } });
}

function activate(cluster: LittleCluster): void {
  cluster.put({ ...cluster.node("n1").record, draining: false, drain: null } satisfies NodeRecord);
}

/** What was told of nodes, as kinds. */
const told = (cluster: LittleCluster) =>
  cluster.happenings.filter(({ kind }) => /^node_(drain|activated)/.test(kind)).map(({ kind }) => kind);

Deno.test("a drained node is emptied start-first, and that is told once it is empty", () => {
  const cluster = running(2, 2);
  drain(cluster, "10m");
  assertEquals(cluster.settle(), [
    "succeed web.0 on n2: node n1 is being drained",
    "stop web.0 on n1: web.0 is ready on n2 and takes over",
    "forget web.0 on n1: it has stopped",
  ]);
  assertEquals(told(cluster), ["node_draining", "node_drained"]);
  assertEquals(cluster.node("n1").drain?.moved, 1);
  cluster.put(service("web", 4));
  cluster.settle();
  assertEquals(told(cluster), ["node_draining", "node_drained"]);
});

Deno.test("what can't be moved runs on until the deadline, is stopped then, and runs again once the node is active", () => {
  const cluster = running(2, 2, FULL);
  drain(cluster, "10m");
  assertEquals(cluster.settle(), []);
  const { wakeMs, waits } = cluster.plan();
  assertEquals(wakeMs, cluster.nowMs + 600_000);
  assertEquals(waits.map(({ reason }) => reason), [
    "node n1 is being drained, and no node has room: n1: it is the one to leave; " +
    "n2: has 1 already, which is max_per_node",
  ]);
  cluster.nowMs += 600_000;
  assertEquals(cluster.settle(), [
    "end drain of n1: 10m are over",
    "stop web.0 on n1: node n1 is being drained, and its time for that is over",
    "forget web.0 on n1: it has stopped",
  ]);
  assertEquals(told(cluster), ["node_draining", "node_drain_deadline", "node_drained"]);
  const [wait] = cluster.plan().waits;
  assertEquals(wait?.reason, "no node has room: n1: it is being drained; n2: has 1 already, which is max_per_node");
  activate(cluster);
  cluster.settle();
  assertEquals(cluster.placesOf("web").toSorted(), ["n1", "n2"]);
  assertEquals(cluster.ready("web"), 2);
});

Deno.test("a successor that does not get ready in time doesn't keep what it is to follow", () => {
  const cluster = running(2, 2);
  cluster.neverReady.add("web");
  const [first] = cluster.replicas("web");
  drain(cluster, "1m");
  cluster.step();
  cluster.nowMs += 60_000;
  cluster.step();
  cluster.step();
  assert(cluster.replicas("web").find(({ record }) => record.id === first?.record.id)?.record.draining);
});

Deno.test("a slot that keeps data runs on until the deadline, waits for its node then, and comes back to it", () => {
  const cluster = running(2, 2, KEEPS);
  const before = cluster.placesOf("web");
  drain(cluster, "10m");
  assertEquals(cluster.settle(), []);
  assertEquals(cluster.plan().waits.map(({ reason }) => reason), [
    "node n1 is being drained, and its data is there: it runs on until the deadline of 10m, and then waits for it",
  ]);
  cluster.nowMs += 600_000;
  cluster.settle();
  assertEquals(cluster.placesOf("web"), ["n2"]);
  activate(cluster);
  cluster.settle();
  assertEquals(cluster.placesOf("web"), before);
});

Deno.test("another deadline counts anew, and none at all lets the rest stay", () => {
  const cluster = running(2, 2, FULL);
  drain(cluster, "10m");
  cluster.nowMs += 300_000;
  drain(cluster, "6m");
  assertEquals(cluster.plan().wakeMs, cluster.nowMs + 360_000);
  drain(cluster, null);
  cluster.nowMs += 3_600_000;
  assertEquals(cluster.settle(), []);
  assertEquals(cluster.ready("web"), 2);
});

Deno.test("a restart of the controller counts the deadline anew, and doesn't tell again that a node is empty", () => {
  const cluster = running(2, 2, FULL);
  drain(cluster, "10m");
  const records = [
    cluster.state.services.get("web")!.record,
    ...cluster.state.nodesByName.map(({ record }) => record),
    ...cluster.replicas("web").map(({ record }) => record),
  ];
  const again = new LittleCluster();
  again.nowMs = 5_000_000;
  const snapshot = { cluster: "c", epoch: 2, revision: 9, records: records.map((record) => ({ record, revision: 1 })) };
  again.tell({ kind: "loaded", snapshot });
  for (const name of ["n1", "n2"]) {
    again.tell({ kind: "snapshot", node: again.node(name).record.id, replicas: [] });
    again.hear(name);
  }
  again.settle();
  assertEquals(again.plan().wakeMs, 5_600_000);

  const empty = new LittleCluster();
  empty.tell({
    kind: "loaded",
    snapshot: { ...snapshot, records: snapshot.records.filter(({ record }) => record.type === "node") },
  });
  empty.put({ ...empty.node("n1").record, losses: 1 });
  assertEquals(told(empty), []);
});
