import { assert, assertEquals } from "@std/assert";
import { explainNode } from "../../lib/plan/explain_node.ts";
import { service } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

function running(): LittleCluster {
  const cluster = LittleCluster.of(
    2,
    service("web", 2, { resources: { cpu: 0.5, memory: 100 }, placement: { max_per_node: 1 } }),
  );
  cluster.settle();
  cluster.nowMs += 90_000;
  return cluster;
}

function explain(cluster: LittleCluster, name = "n1") {
  const sight = { state: cluster.state, waits: cluster.plan().waits, nowMs: cluster.nowMs, version: "0.2.0" };
  return explainNode(sight, cluster.node(name));
}

Deno.test("explainNode() says since when a node is ready, what is reserved and what it carries", () => {
  assertEquals(explain(running()), {
    summary: "ready for 1 m 30 s, last heard 1 m 30 s ago",
    because: [
      "ready for 1 m 30 s, last heard 1 m 30 s ago",
      "reserved: 0.5 of 4 cores, 100 of 4096 MiB",
      "it carries 1 replicas: web.0",
    ],
    waits: [],
  });
});

Deno.test("explainNode() says how far a drain has come and what it waits for", () => {
  const cluster = running();
  const drain = { since: "2030-01-01T00:00:00.000Z", deadline: "10m", by: "ci", overdue: false };
  cluster.put({ ...cluster.node("n1").record, draining: true, drain });
  cluster.nowMs += 60_000;
  const { summary, because, waits } = explain(cluster);
  assertEquals(
    summary,
    "ready for 2 m 30 s, last heard 2 m 30 s ago; " +
      "being drained: 0 replicas have left, 1 are still here, what is left in 9 m 00 s is stopped",
  );
  assert(because.includes("it gets nothing new until it is activated"));
  assertEquals(waits.length, 1);
});

Deno.test("explainNode() says why a node is lost, and how long it is held down once it is back", () => {
  const cluster = running();
  cluster.put(service("web", 0, { resources: { cpu: 0.5, memory: 100 } }));
  cluster.settle();
  cluster.put({ ...cluster.node("n1").record, losses: 1 });
  cluster.hear("n1");
  cluster.lose("n1");
  assert(explain(cluster).summary.startsWith("lost for 0 ms (missed probes)"), explain(cluster).summary);
  cluster.settle();
  cluster.hear("n1");
  cluster.settle();
  assert(
    explain(cluster).because.includes(
      "it was lost 2 times lately: while others have room it gets nothing new for another 30.0 s",
    ),
    explain(cluster).because.join("\n"),
  );
});

Deno.test("explainNode() shows another version", () => {
  const cluster = running();
  cluster.tell({ kind: "heard", node: cluster.node("n2").record.id, version: "0.1.9", leaving: false });
  assert(explain(cluster, "n2").because.includes("its version 0.1.9 is older than this controller's 0.2.0"));
});
