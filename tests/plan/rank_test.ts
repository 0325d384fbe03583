import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { NodeRecord } from "../../lib/cluster/node.ts";
import type { ServiceRecord } from "../../lib/cluster/service_record.ts";
import { type PlaceOptions, Placer } from "../../lib/plan/place.ts";
import { assignment, idOf, node, service, type SpecFields } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

function clusterOf(...nodes: Partial<NodeRecord>[]): LittleCluster {
  const cluster = new LittleCluster();
  nodes.forEach((fields, at) => cluster.put(node(at + 1, fields)));
  for (const { record } of [...cluster.state.nodesByName]) cluster.hear(record.name);
  cluster.nowMs = 3_600_000;
  return cluster;
}

function placed(cluster: LittleCluster, own: ServiceRecord, count: number, options: PlaceOptions = {}): string[] {
  const placer = new Placer(cluster.state, cluster.nowMs);
  return Array.from({ length: count }, () => {
    const placement = placer.place(own, options);
    return placement.kind === "placed" ? placement.node.record.name : placement.reason;
  });
}

type Wishes = NonNullable<SpecFields["placement"]>;
const web = (placement: Wishes, fields: SpecFields = {}) => service("web", 10, { placement, ...fields });
const at = (zone: string): Partial<NodeRecord> => ({ labels: { zone } });

Deno.test("place() keeps to constraints, and says of each node what it is and what was wanted", () => {
  const cluster = clusterOf(at("a"), at("b"), {});
  assertEquals(placed(cluster, web({ constraints: ["zone == b"] }), 2), ["n2", "n2"]);
  assertEquals(placed(cluster, web({ constraints: ["zone == c"] }), 1), [
    "no node has room: n1: zone is a, wanted zone == c; n2: zone is b, wanted zone == c; " +
    "n3: has no zone, wanted zone == c",
  ]);
});

Deno.test("place() knows a node's name, system and capacity", () => {
  const cluster = clusterOf({ system: { os: "linux", arch: "x86_64" } }, { capacity: { cpu: 16, memory: 65_536 } });
  assertEquals(placed(cluster, web({ constraints: ["node.os == linux", "node.arch == x86_64"] }), 1), ["n1"]);
  assertEquals(placed(cluster, web({ constraints: ["cpu >= 8", "memory > 10000"] }), 1), ["n2"]);
  assertEquals(placed(cluster, web({ constraints: ["node.name != n1"] }), 1), ["n2"]);
});

Deno.test("place() puts a service beside another one, or away from it, as this plan goes on", () => {
  const cluster = clusterOf({}, {});
  cluster.put(service("db", 1), assignment(1, { service: "db", node: idOf("node", 2) }));
  assertEquals(placed(cluster, web({ constraints: ["service == db"] }), 2), ["n2", "n2"]);
  assertEquals(placed(cluster, web({ constraints: ["service != db"] }), 2), ["n1", "n1"]);
  assertEquals(placed(cluster, web({ constraints: ["service != web"] }), 3), [
    "n1",
    "n2",
    "no node has room: n1: has a replica of web, wanted service != web; " +
    "n2: has a replica of web, wanted service != web",
  ]);
});

Deno.test("place() spreads over a label's values first, nodes without it being one value, the last", () => {
  const cluster = clusterOf(at("a"), at("a"), at("a"), at("b"), {});
  assertEquals(placed(cluster, web({ spread_by: "zone" }), 7), ["n1", "n4", "n5", "n2", "n4", "n5", "n3"]);
});

Deno.test("place() packs the fullest node that has room", () => {
  const cluster = clusterOf({}, {}, {});
  const other = service("other", 1, { resources: { cpu: 1 } });
  cluster.put(other, assignment(1, { service: "other", node: idOf("node", 2) }));
  const own = web({ strategy: "binpack" }, { resources: { cpu: 1.5 } });
  assertEquals(placed(cluster, own, 4), ["n2", "n2", "n1", "n1"]);
});

Deno.test("place() packs within the values over which it spreads", () => {
  const cluster = clusterOf(at("a"), at("a"), at("b"), at("b"));
  assertEquals(placed(cluster, web({ strategy: "binpack", spread_by: "zone" }), 4), ["n1", "n3", "n1", "n3"]);
});

Deno.test("place() prefers where more of the affinity holds, by weight, and never waits for it", () => {
  const cluster = clusterOf({ labels: { disk: "ssd" } }, { labels: { zone: "a", net: "fast" } });
  const own = (...affinity: string[]) => web({ affinity });
  assertEquals(placed(cluster, own("disk == ssd", "zone == a", "net == fast"), 2), ["n2", "n2"]);
  assertEquals(placed(cluster, own("disk == ssd *5", "zone == a", "net == fast"), 2), ["n1", "n1"]);
  assertEquals(placed(cluster, own("zone == nowhere"), 2), ["n1", "n2"]);
  cluster.tell({ kind: "missed", node: idOf("node", 1) });
  assertEquals(placed(cluster, own("disk == ssd"), 1), ["n2"], "a ready node comes before what is preferred");
});

Deno.test("place() counts a replica that is about to go no more when another one takes its place", () => {
  const cluster = clusterOf(at("a"), at("b"));
  const own = web({ spread_by: "zone" });
  cluster.put(own, assignment(1, { node: idOf("node", 1) }), assignment(2, { node: idOf("node", 2) }));
  assertEquals(placed(cluster, own, 1, { inPlaceOf: idOf("node", 2) }), ["n2"]);
});

Deno.test("place() puts a sticky slot where it was last, unless that is suspect or full", () => {
  const cluster = clusterOf({}, {}, {});
  const own = web({ sticky: true });
  cluster.put(own, assignment(1, { node: idOf("node", 2) }));
  assertEquals(placed(cluster, own, 1, { rather: cluster.node("n2") }), ["n2"]);
  assertEquals(placed(cluster, own, 1, { inPlaceOf: idOf("node", 2) }), ["n2"], "although n1 has none");
  const full = web({ sticky: true, max_per_node: 1 });
  assertEquals(placed(cluster, full, 1, { rather: cluster.node("n2") }), ["n1"]);
  cluster.tell({ kind: "missed", node: idOf("node", 2) });
  assertEquals(placed(cluster, own, 1, { rather: cluster.node("n2") }), ["n1"]);
});

Deno.test("place() fills nodes to what may be overcommitted, and says what no node has at all", () => {
  const cluster = clusterOf({ capacity: { cpu: 2, memory: 4_096 } });
  const own = web({}, { resources: { cpu: 1 } });
  cluster.state.placing = { ...cluster.state.placing, overcommit: { cpu: 1.5, memory: 1 } };
  assertEquals(placed(cluster, own, 4), [
    "n1",
    "n1",
    "n1",
    "no node has room: n1: needs 1 cores, 0.00 of 3 are free",
  ]);
  assertEquals(placed(cluster, web({}, { resources: { memory: 8_192 } }), 1), [
    "no node has room: n1: needs 8192 MiB, it has 4096 in all",
  ]);
});

Deno.test("refusals() says of each node its own reason, and nothing of one that fits", () => {
  const cluster = clusterOf(at("a"), { draining: true }, { capacity: { cpu: 1, memory: 1 } });
  const placer = new Placer(cluster.state, cluster.nowMs);
  const own = web({}, { resources: { cpu: 2 } });
  assertEquals(placer.refusals(own).map(({ node: { record }, reason }) => [record.name, reason]), [
    ["n1", undefined],
    ["n2", "it is being drained"],
    ["n3", "needs 2 cores, it has 1 in all"],
  ]);
});

Deno.test("place() never breaks a constraint, max_per_node or what may be reserved", () => {
  const zone = fc.constantFrom("a", "b", "c");
  const nodes = fc.array(fc.record({ zone, cpu: fc.integer({ min: 0, max: 8 }) }), { minLength: 1, maxLength: 8 });
  const wishes = fc.record({
    strategy: fc.constantFrom("spread", "binpack"),
    spread_by: fc.option(fc.constant("zone"), { nil: undefined }),
    constraints: fc.subarray(["zone != c", "cpu >= 2", "service != other"]),
    affinity: fc.subarray(["zone == a", "service == web *3"]),
    max_per_node: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  });
  const overcommit = fc.constantFrom(0.5, 1, 2);
  fc.assert(fc.property(nodes, wishes, overcommit, fc.integer({ min: 0, max: 3 }), (given, placement, times, cpu) => {
    const records = given.map((one) => ({ labels: { zone: one.zone }, capacity: { cpu: one.cpu, memory: 64 } }));
    const cluster = clusterOf(...records);
    cluster.put(service("other", 1), assignment(1, { service: "other" }));
    cluster.state.placing = { ...cluster.state.placing, overcommit: { cpu: times, memory: 1 } };
    const { constraints, ...rest } = placement;
    const own = service("web", 20, { placement: { ...rest, constraints }, resources: { cpu } } as SpecFields);
    const counts = Map.groupBy(placed(cluster, own, 20).filter((name) => /^n\d+$/.test(name)), (name) => name);
    for (const [name, { length }] of counts) {
      const { labels, capacity } = cluster.node(name).record;
      assertEquals(constraints.includes("zone != c") && labels["zone"] === "c", false);
      assertEquals(constraints.includes("cpu >= 2") && capacity.cpu < 2, false);
      assertEquals(constraints.includes("service != other") && name === "n1", false);
      assertEquals(length <= (placement.max_per_node ?? 20) && length * cpu <= capacity.cpu * times, true);
    }
  }));
});

Deno.test("a sticky slot comes back to where it was after the service was scaled down and up", () => {
  const own = (desired: number) => service("web", desired, { placement: { sticky: true } });
  const cluster = LittleCluster.of(3, own(3));
  cluster.settle();
  const before = cluster.placesOf("web");
  cluster.put(own(0));
  cluster.settle();
  cluster.put(service("other", 1, { resources: { cpu: 3 } }));
  cluster.settle();
  cluster.put(own(3));
  cluster.settle();
  assertEquals(cluster.placesOf("web"), before);
  cluster.lose(before[0]!);
  cluster.settle();
  assertEquals(cluster.ready("web"), 3, "but it does not wait for its node");
});
