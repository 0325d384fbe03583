import { assertEquals } from "@std/assert";
import { remove } from "../../lib/cluster/record.ts";
import { crashed, service } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

const KEEPS = { data: { per_slot: true } };

/** `db` with one slot per node, all ready. */
function running(nodes: number, desired = nodes, fields = {}): LittleCluster {
  const cluster = LittleCluster.of(nodes, service("db", desired, { ...KEEPS, ...fields }));
  cluster.settle();
  cluster.story.length = 0;
  return cluster;
}

const waits = (cluster: LittleCluster) =>
  cluster.plan().waits.map(({ service: name, slot, reason }) => `${name}.${slot}: ${reason}`);
const BOUND = (name: string) =>
  `its data is on node ${name}: it waits for that node, and begins elsewhere with an empty folder once ` +
  `the node is removed (DELETE /v1/nodes/${name})`;

Deno.test("a slot that keeps data waits for its lost node, with its assignment, and says what to do", () => {
  const cluster = running(3);
  const before = cluster.replicas("db").map(({ record }) => record);
  cluster.lose("n2");
  assertEquals(cluster.settle(), ["mark n2 lost, 1: lost: missed probes"]);
  assertEquals(waits(cluster), [`db.1: node n2 is lost (missed probes); ${BOUND("n2")}`]);
  cluster.hear("n2");
  cluster.settle();
  assertEquals(cluster.replicas("db").map(({ record }) => record), before);
  assertEquals(cluster.ready("db"), 3);
});

Deno.test("a slot that keeps data goes elsewhere once its node is removed", () => {
  const cluster = running(3);
  cluster.lose("n2");
  cluster.settle();
  cluster.commit([remove(cluster.node("n2").record)]);
  assertEquals(cluster.settle(), [
    "forget db.1 on a removed node: its node was removed",
    "start db.1 on n1: its node was removed",
  ]);
});

Deno.test("a slot that keeps data comes back to its node after the service was scaled down and up", () => {
  const cluster = running(3);
  const before = cluster.placesOf("db");
  cluster.put(service("db", 0, KEEPS));
  cluster.settle();
  // Whatever would be preferred now: the data is where it was.
  cluster.put(service("other", 1, { resources: { cpu: 3 } }));
  cluster.settle();
  cluster.put(service("db", 3, KEEPS));
  cluster.settle();
  assertEquals(cluster.placesOf("db"), before);
});

Deno.test("a slot that keeps data is not begun while its node is away, and those after it are", () => {
  const cluster = running(3);
  cluster.put(service("db", 0, KEEPS));
  cluster.settle();
  cluster.lose("n1");
  cluster.put(service("db", 3, KEEPS));
  cluster.settle();
  assertEquals(cluster.placesOf("db"), ["n2", "n3"]);
  assertEquals(waits(cluster), [`db.0: ${BOUND("n1")} (it is lost)`]);
  cluster.hear("n1");
  cluster.settle();
  assertEquals(cluster.placesOf("db"), ["n1", "n2", "n3"]);
});

Deno.test("a slot that keeps data runs on while its node is being drained", () => {
  const cluster = running(2);
  cluster.put({ ...cluster.node("n2").record, draining: true });
  assertEquals(cluster.settle(), []);
  assertEquals(waits(cluster), [
    "db.1: node n2 is being drained, and its data is there: it runs on; scale down to stop it",
  ]);
});

Deno.test("a slot that keeps data stops with its leaving agent, and is begun there again when that is back", () => {
  const cluster = running(2);
  const id = cluster.node("n2").record.id;
  cluster.tell({ kind: "leaving", node: id });
  assertEquals(cluster.settle(), [
    "stop db.1 on n2: node n2 is leaving, and its data stays there",
    "forget db.1 on n2: it has stopped",
  ]);
  cluster.tell({ kind: "goodbye", node: id, replicas: "drained" });
  cluster.settle();
  assertEquals(waits(cluster), [`db.1: ${BOUND("n2")} (it is lost)`]);
  cluster.hear("n2");
  cluster.settle();
  assertEquals(cluster.placesOf("db"), ["n1", "n2"]);
});

Deno.test("a slot that keeps data stays where it crashes, and says so", () => {
  const cluster = running(2);
  const [first] = cluster.replicas("db");
  cluster.observe(crashed(first!.record, 9), first!.record.node);
  assertEquals(cluster.plan().actions, []);
  assertEquals(waits(cluster), ["db.0: crashed 9 times on n1; it stays, as its data is there; last: exit code 1"]);
});

Deno.test("where the slots were is known again after a restart, and forgotten with the service", () => {
  const cluster = running(2);
  const homes = cluster.state.services.get("db")!.homes;
  const records = [
    ...cluster.state.nodesByName.map(({ record }) => record),
    service("db", 2, KEEPS),
    ...[...homes].map(([slot, node]) => ({ type: "slot" as const, service: "db", slot, node })),
  ];
  const again = new LittleCluster();
  const snapshot = {
    cluster: "c",
    epoch: 2,
    revision: 9,
    // The store gives its records in no order that means anything.
    records: records.toReversed().map((record) => ({ record, revision: 1 })),
  };
  again.tell({ kind: "loaded", snapshot });
  assertEquals(again.state.services.get("db")?.homes, homes);
  cluster.put({ ...service("db", 2, KEEPS), removed: true });
  cluster.settle();
  cluster.put(service("db", 2, KEEPS));
  assertEquals(cluster.state.services.get("db")?.homes.size, 0);
});
