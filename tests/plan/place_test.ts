import { assertEquals } from "@std/assert";
import type { NodeRecord } from "../../lib/cluster/node.ts";
import { asOf, nextGeneration, type ServiceRecord } from "../../lib/cluster/service_record.ts";
import { Placer } from "../../lib/plan/place.ts";
import { assignment, idOf, node, service, type SpecFields, specNamed } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

function clusterOf(...nodes: Partial<NodeRecord>[]): LittleCluster {
  const cluster = new LittleCluster();
  nodes.forEach((fields, at) => cluster.put(node(at + 1, fields)));
  for (const { record } of [...cluster.state.nodesByName]) cluster.hear(record.name);
  // Beyond any hold-down that the return from "never heard" might mean.
  cluster.nowMs = 3_600_000;
  return cluster;
}

/** Where one plan puts so many replicas of a service, node by node, and the reason where it puts no more. */
function placed(cluster: LittleCluster, own: ServiceRecord, count: number): string[] {
  const placer = new Placer(cluster.state, cluster.nowMs);
  return Array.from({ length: count }, () => {
    const placement = placer.place(own);
    return placement.kind === "placed" ? placement.node.record.name : placement.reason;
  });
}

const web = (fields: SpecFields = {}) => service("web", 10, fields);

Deno.test("place() spreads over all nodes before it doubles up", () => {
  assertEquals(placed(clusterOf({}, {}, {}), web(), 6), ["n1", "n2", "n3", "n1", "n2", "n3"]);
});

Deno.test("place() puts replicas of a former generation by the spec of that one, beside those of the present", () => {
  const former = service("web", 3, { resources: { memory: 3_000 }, placement: { constraints: ["zone == a"] } });
  const present = nextGeneration(former, specNamed("web", { placement: { constraints: ["zone == b"] } }));
  const cluster = clusterOf({ labels: { zone: "a" } }, { labels: { zone: "b" } });
  const placer = new Placer(cluster.state, cluster.nowMs);
  const places = [asOf(present, 1), present, asOf(present, 1)].map((own) => {
    const placement = placer.place(own);
    return placement.kind === "placed" ? placement.node.record.name : placement.kind;
  });
  assertEquals(places, ["n1", "n2", "unplaceable"]);
});

Deno.test("place() counts what runs already when it spreads", () => {
  const cluster = clusterOf({}, {}, {});
  cluster.put(web(), assignment(1, { node: idOf("node", 1) }), assignment(2, { node: idOf("node", 2) }));
  assertEquals(placed(cluster, web(), 4), ["n3", "n1", "n2", "n3"]);
});

Deno.test("place() prefers the node with the smaller share of its capacity taken", () => {
  const cluster = clusterOf({ capacity: { cpu: 1, memory: 1_024 } }, { capacity: { cpu: 8, memory: 8_192 } });
  const takes = (slot: number, n: number) => assignment(slot, { service: "other", node: idOf("node", n) });
  cluster.put(service("other", 2, { resources: { cpu: 0.5 } }), takes(1, 1), takes(2, 2));
  assertEquals(placed(cluster, web(), 1), ["n2"]);
  cluster.put(
    service("greedy", 1, { resources: { cpu: 7 } }),
    assignment(3, { service: "greedy", node: idOf("node", 2) }),
  );
  assertEquals(placed(cluster, web(), 1), ["n1"]);
});

Deno.test("place() fills a node to the last core and MiB, and then says of each node why not", () => {
  const cluster = clusterOf({ capacity: { cpu: 0.3, memory: 4_096 } }, { capacity: { cpu: 4, memory: 100 } });
  const placements = placed(cluster, web({ resources: { cpu: 0.1, memory: 50 } }), 6);
  assertEquals(placements.slice(0, 5).toSorted(), ["n1", "n1", "n1", "n2", "n2"]);
  assertEquals(
    placements[5],
    "no node has room: n1: needs 0.1 cores, 0.00 of 0.3 are free; n2: needs 50 MiB, 0 of 100 are free",
  );
});

Deno.test("place() lets a service without declared resources in where nothing is free to reserve", () => {
  const cluster = clusterOf({ capacity: { cpu: 1, memory: 100 } });
  assertEquals(placed(cluster, web({ resources: { cpu: 1, memory: 100 } }), 1), ["n1"]);
  assertEquals(placed(cluster, web(), 2), ["n1", "n1"]);
});

Deno.test("place() keeps to max_per_node", () => {
  const placements = placed(clusterOf({}, {}), web({ placement: { max_per_node: 1 } }), 3);
  assertEquals(placements.slice(0, 2), ["n1", "n2"]);
  assertEquals(
    placements[2],
    "no node has room: n1: has 1 already, which is max_per_node; n2: has 1 already, which is max_per_node",
  );
});

Deno.test("place() says which nodes are drained, leaving, lost, or were never heard", () => {
  const cluster = clusterOf({ draining: true }, {}, {});
  cluster.put(node(4));
  cluster.tell({ kind: "leaving", node: idOf("node", 2) });
  cluster.tell({ kind: "goodbye", node: idOf("node", 3), replicas: "drained" });
  assertEquals(placed(cluster, web(), 1), [
    "no node has room: n1: it is being drained; n2: it is leaving; n3: it is lost; n4: it was not heard yet",
  ]);
});

Deno.test("place() names five nodes in a refusal and counts the rest", () => {
  const cluster = clusterOf(...Array.from({ length: 8 }, () => ({ draining: true })));
  const [reason] = placed(cluster, web(), 1);
  assertEquals(reason?.split(";").length, 6);
  assertEquals(reason?.endsWith("; and 3 more"), true);
});

Deno.test("place() without any node says how to add one", () => {
  assertEquals(placed(clusterOf(), web(), 1), [
    "there is no node yet; add one with POST /add-node, or start an agent with --controller",
  ]);
});

Deno.test("place() doubles up on a ready node rather than use a suspect one", () => {
  const cluster = clusterOf({}, {});
  cluster.tell({ kind: "missed", node: idOf("node", 2) });
  assertEquals(placed(cluster, web(), 3), ["n1", "n1", "n1"]);
});

Deno.test("place() uses a suspect node when no ready one has room", () => {
  const cluster = clusterOf({}, {});
  cluster.tell({ kind: "missed", node: idOf("node", 2) });
  assertEquals(placed(cluster, web({ placement: { max_per_node: 1 } }), 2), ["n1", "n2"]);
});

Deno.test("place() uses a node in hold-down after ready ones and before suspect ones, until its time is over", () => {
  const cluster = clusterOf({}, { losses: 2 }, {});
  cluster.lose("n2");
  cluster.hear("n2");
  cluster.tell({ kind: "missed", node: idOf("node", 3) });
  const once = web({ placement: { max_per_node: 1 } });
  assertEquals(placed(cluster, once, 3), ["n1", "n2", "n3"]);
  assertEquals(placed(cluster, web(), 2), ["n1", "n1"]);
  cluster.nowMs += 29_999;
  assertEquals(placed(cluster, web(), 2), ["n1", "n1"]);
  cluster.nowMs += 1;
  assertEquals(placed(cluster, web(), 2), ["n1", "n2"]);
});

Deno.test("place() never gives the node to avoid, and says so when it is the only one", () => {
  const cluster = clusterOf({}, {});
  const placer = new Placer(cluster.state, cluster.nowMs);
  const placement = placer.place(web(), { avoid: idOf("node", 1) });
  assertEquals(placement.kind === "placed" && placement.node.record.name, "n2");
  // One plan may place the same service without anything to avoid next: the avoided node is then as good as any.
  const next = placer.place(web());
  assertEquals(next.kind === "placed" && next.node.record.name, "n1");
  const only = new Placer(clusterOf({}).state, 0).place(web(), { avoid: idOf("node", 1) });
  assertEquals(only, { kind: "unplaceable", reason: "no node has room: n1: it is the one to leave" });
});

Deno.test("place() puts a replica in the place of the one that goes, unless a ready node has none at all", () => {
  const cluster = clusterOf({}, {});
  const at = (slot: number, n: number) => assignment(slot, { node: idOf("node", n) });
  cluster.put(web(), at(1, 1), at(2, 2));
  const inPlaceOf = idOf("node", 2);
  const nameOf = (options: { inPlaceOf: string }) => {
    const placement = new Placer(cluster.state, cluster.nowMs).place(web(), options);
    return placement.kind === "placed" ? placement.node.record.name : placement.reason;
  };
  assertEquals(nameOf({ inPlaceOf }), "n2");
  cluster.put(node(3));
  cluster.hear("n3");
  cluster.nowMs += 3_600_000;
  assertEquals(nameOf({ inPlaceOf }), "n3");
  cluster.tell({ kind: "missed", node: idOf("node", 3) });
  cluster.tell({ kind: "missed", node: idOf("node", 2) });
  assertEquals(nameOf({ inPlaceOf }), "n1", "a suspect node is nobody's place");
});

Deno.test("place() places the same whatever the order in which nodes were added", () => {
  const there = clusterOf({}, {}, {}, {});
  const back = new LittleCluster();
  for (const n of [4, 2, 3, 1]) back.put(node(n));
  for (const n of [2, 4, 1, 3]) back.hear(`n${n}`);
  back.nowMs = 3_600_000;
  assertEquals(placed(there, web(), 10), placed(back, web(), 10));
});

Deno.test("place() puts no two replicas with a fixed port on one node", () => {
  const fixed = web({ ports: { metrics: 0, pg: 5_432 } });
  assertEquals(placed(clusterOf({}, {}), fixed, 3), [
    "n1",
    "n2",
    "no node has room: n1: has one already, and port 5432 only once; n2: has one already, and port 5432 only once",
  ]);
});

Deno.test("place() takes the node where the data is, or says why it can't", () => {
  const cluster = clusterOf({}, {}, { capacity: { cpu: 1, memory: 4_096 } });
  const at = (name: string, fields = {}) => {
    const placement = new Placer(cluster.state, cluster.nowMs).place(web(fields), { home: cluster.node(name) });
    return placement.kind === "placed" ? placement.node.record.name : placement.reason.replace(/:.*\)/, "");
  };
  assertEquals(at("n2"), "n2");
  cluster.tell({ kind: "missed", node: cluster.node("n2").record.id });
  assertEquals(at("n2"), "n2", "also when it is suspect");
  assertEquals(at("n3", { resources: { cpu: 2 } }), "its data is on node n3");
});

Deno.test("place() puts what runs an artifact only where the agent can take one, and says so", () => {
  const shop = web({ artifact: { sha256: "a".repeat(64) } });
  assertEquals(placed(clusterOf({}, { features: ["artifacts"] }), shop, 2), ["n2", "n2"]);
  const [reason] = placed(clusterOf({}), shop, 1);
  assertEquals(reason, "no node has room: n1: its agent can't take artifacts: update it");
});
