import { assertEquals } from "@std/assert";
import { remove } from "../../lib/cluster/record.ts";
import { nextGeneration } from "../../lib/cluster/service_record.ts";
import { assignment, idOf, node, observation, service, specNamed } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

const texts = (told: { text: string }[]) => told.map(({ text }) => text);
const web = service("web", 2);

Deno.test("applyCommit() tells of scale, release, removal, and of nodes that come and go", () => {
  const cluster = new LittleCluster();
  assertEquals(texts(cluster.put(node(1))), ["node n1 (http://n1:9090) was added"]);
  assertEquals(texts(cluster.put(node(1, { draining: true }))), [
    "node n1 is being drained: its replicas are moved, for as long as that takes",
    "node n1 is drained: 0 replicas have left it, none is there now",
  ]);
  assertEquals(texts(cluster.put(web)), ["web is at generation 1"]);
  assertEquals(texts(cluster.put({ ...web, desired: 5 })), ["web is scaled from 2 to 5"]);
  assertEquals(texts(cluster.put(nextGeneration(web, specNamed("web")))), ["web is at generation 2"]);
  assertEquals(texts(cluster.put({ ...web, removed: true })), ["web is removed"]);
  assertEquals(texts(cluster.commit([remove(node(1))])), ["node n1 was removed"]);
  assertEquals(texts(cluster.commit([remove(node(1))])), []);
});

Deno.test("applyCommit() tells that moving goes on when removals have ended a mass loss", () => {
  const cluster = LittleCluster.of(3);
  cluster.lose("n1", "n2");
  assertEquals(cluster.state.massLoss.active, true);
  assertEquals(texts(cluster.commit([remove(node(1))])), [
    "node n1 was removed",
    "1 nodes are ready: replicas of lost nodes are moved again",
  ]);
});

Deno.test("applyCommit() keeps the revision of each service's, node's and assignment's last change", () => {
  const cluster = new LittleCluster();
  cluster.put(web, node(1));
  cluster.put(assignment(1));
  cluster.put({ ...web, desired: 3 });
  assertEquals(cluster.state.revision, 3);
  const assigned = [`assignment/${idOf("replica", 1)}`, 2];
  assertEquals([...cluster.state.revisions], [["service/web", 3], [`node/${idOf("node", 1)}`, 1], assigned]);
  cluster.commit([remove(node(1))]);
  assertEquals([...cluster.state.revisions], [["service/web", 3], assigned]);
});

Deno.test("applyCommit() notes whose orders changed, also for a node that loses or no longer has a replica", () => {
  const cluster = LittleCluster.of(2, web);
  // A node that is new is to be told even where it has nothing to do.
  assertEquals([...cluster.state.ordersChanged], [idOf("node", 1), idOf("node", 2)]);
  cluster.state.ordersChanged.clear();
  cluster.put(assignment(1));
  assertEquals([...cluster.state.ordersChanged], [idOf("node", 1)]);
  cluster.state.ordersChanged.clear();
  cluster.put(assignment(1, { draining: true }));
  assertEquals([...cluster.state.ordersChanged], [idOf("node", 1)]);
  cluster.state.ordersChanged.clear();
  cluster.commit([remove(assignment(1))]);
  assertEquals([...cluster.state.ordersChanged], [idOf("node", 1)]);
});

Deno.test("applySnapshot() takes records in any order and waits for every node that is not known to be away", () => {
  const records = [assignment(1), node(2, { lost: true }), web, node(1)].map((record) => ({ record, revision: 3 }));
  const cluster = new LittleCluster();
  cluster.tell({ kind: "loaded", snapshot: { cluster: "c", epoch: 4, revision: 7, records } });
  const { state } = cluster;
  assertEquals([state.cluster, state.epoch, state.revision], ["c", 4, 7]);
  assertEquals([...state.unheard], [idOf("node", 1)]);
  assertEquals(cluster.placesOf("web"), ["n1"]);
  assertEquals([...state.services.get("web")?.missing ?? []], [1]);
});

Deno.test("a replica reserves what the spec of its own generation says, not what the present one does", () => {
  const first = service("web", 1, { resources: { cpu: 2 } });
  const cluster = LittleCluster.of(1, first, assignment(1));
  cluster.put(nextGeneration(first, specNamed("web", { resources: { cpu: 0.5 } })));
  assertEquals(cluster.node("n1").reserved.cpu, 2);
  cluster.put(assignment(2, { slot: 0, generation: 2, successor_of: idOf("replica", 1) }));
  assertEquals(cluster.node("n1").reserved.cpu, 2.5);
  cluster.commit([remove(assignment(1))]);
  assertEquals(cluster.node("n1").reserved.cpu, 0.5);
});

Deno.test("a change to a node keeps what was observed on it", () => {
  const cluster = LittleCluster.of(1, service("web", 1), assignment(1));
  cluster.observe(observation(assignment(1)));
  cluster.put(node(1, { name: "renamed", labels: { zone: "b" } }));
  assertEquals(cluster.node("renamed").liveness, "ready");
  assertEquals(cluster.ready("web"), 1);
});
