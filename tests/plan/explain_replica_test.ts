import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Explanation, type Sight } from "../../lib/plan/explain.ts";
import { explainEmptySlot, explainReplica } from "../../lib/plan/explain_replica.ts";
import { crashed, service, type SpecFields } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

function running(nodes: number, desired: number, fields: SpecFields = {}): LittleCluster {
  const cluster = LittleCluster.of(nodes, service("web", desired, fields));
  cluster.settle();
  return cluster;
}

function sightOf(cluster: LittleCluster): Sight {
  return { state: cluster.state, waits: cluster.plan().waits, nowMs: cluster.nowMs, version: "0.1.0" };
}

function explain(cluster: LittleCluster, at = 0): Explanation {
  return explainReplica(sightOf(cluster), cluster.state.services.get("web")!, cluster.replicas("web")[at]!);
}

Deno.test("explainReplica() says why a replica is on its node", () => {
  const { summary, placement, because, nodes } = explain(running(2, 2));
  assertEquals(summary, "on n1, ready");
  assertEquals(placement, { node: "n1", sinceMs: 0, reason: "0 of 2 placed" });
  assert(because.includes("it is on n1: 0 of 2 placed"));
  assert(because.includes("it runs generation 1, which is the present one"));
  assertEquals(nodes, undefined);
});

Deno.test("explainReplica() tells of crashes, the last exit and the pause before the next start", () => {
  const cluster = running(1, 1);
  cluster.observe(crashed(cluster.replicas("web")[0]!.record, 3));
  const { summary, because } = explain(cluster);
  assertEquals(summary, "on n1, exited: exited");
  assert(because.includes("it crashed 3 times within 5m; last: exit code 1"), because.join("\n"));
  assert(because.includes("its next start comes 2.0 s after the last crash (back-off)"), because.join("\n"));
});

Deno.test("explainReplica() says why one that used up its attempts can't move, with each node's reason", () => {
  const cluster = running(2, 2, { placement: { max_per_node: 1 } });
  cluster.observe(crashed(cluster.replicas("web")[0]!.record, 9));
  const { summary, because, nodes } = explain(cluster);
  assertMatch(summary, /^web\.0 waits: crashed 9 times on n1; last: exit code 1; it stays, as no node has room/);
  assert(because.includes("its 5 attempts here are used up, so it is to move"));
  assertEquals(nodes?.length, 2);
});

Deno.test("explainReplica() says that its node is drained, and who takes over", () => {
  const cluster = running(2, 1);
  cluster.put({ ...cluster.node("n1").record, draining: true });
  cluster.neverReady.add("web");
  cluster.step();
  const [old, next] = [explain(cluster, 0), explain(cluster, 1)];
  assert(old.because.includes("node n1 is being drained"));
  assert(
    old.because.includes("its successor is on n2, not ready yet: node n1 is being drained"),
    old.because.join("\n"),
  );
  assert(next.because.includes("it takes over from web.0 on n1 once it is ready for long enough"));
});

Deno.test("explainReplica() says why one is being stopped", () => {
  const cluster = running(1, 2);
  cluster.put(service("web", 1));
  cluster.step();
  assertEquals(explain(cluster, 1).summary, "on n1, is being stopped (draining): scaled to 1");
});

Deno.test("explainEmptySlot() gives every node's reason, also for slots that the plan doesn't tell of one by one", () => {
  const cluster = running(1, 3, { placement: { max_per_node: 1 } });
  const explanation = explainEmptySlot(sightOf(cluster), cluster.state.services.get("web")!, 2);
  assertMatch(explanation.summary, /^not placed: web\.2 waits: no node has room/);
  assertEquals(explanation.nodes, [{ node: "n1", reason: "has 1 already, which is max_per_node" }]);
});

Deno.test("explainEmptySlot() says that a slot waits for the node with its data", () => {
  const cluster = running(2, 2, { data: { per_slot: true } });
  cluster.put(service("web", 0, { data: { per_slot: true } }));
  cluster.settle();
  cluster.lose("n1");
  cluster.put(service("web", 2, { data: { per_slot: true } }));
  cluster.settle();
  const { because, nodes } = explainEmptySlot(sightOf(cluster), cluster.state.services.get("web")!, 0);
  assertEquals(because, ["its data is on node n1"]);
  assertEquals(nodes?.[0], { node: "n1", reason: "it is lost" });
  assertMatch(nodes?.[1]?.reason ?? "", /^its data is on node n1/);
});
