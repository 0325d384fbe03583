import { assert, assertEquals, assertMatch } from "@std/assert";
import { nextGeneration } from "../../lib/cluster/service_record.ts";
import { explainService, type Explanation, type Sight } from "../../lib/plan/explain.ts";
import { service, type SpecFields, specNamed } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

function running(nodes: number, desired: number, fields: SpecFields = {}): LittleCluster {
  const cluster = LittleCluster.of(nodes, service("web", desired, fields));
  cluster.settle();
  return cluster;
}

function sightOf(cluster: LittleCluster): Sight {
  return { state: cluster.state, waits: cluster.plan().waits, nowMs: cluster.nowMs, version: "0.1.0" };
}

function explain(cluster: LittleCluster): Explanation {
  return explainService(sightOf(cluster), cluster.state.services.get("web")!);
}

Deno.test("explainService() of what is well says so, slot by slot", () => {
  assertEquals(explain(running(2, 2)), {
    summary: "2 of 2 ready: all is as it is wanted",
    because: [
      "generation 1 is wanted 2 times: 2 assigned, 2 ready",
      "web.0: on n1, ready",
      "web.1: on n2, ready",
    ],
    waits: [],
  });
});

Deno.test("explainService() gives each node's own reason for what is not placed", () => {
  const cluster = running(7, 9, { placement: { max_per_node: 1 } });
  const { summary, nodes, because } = explain(cluster);
  assertMatch(summary, /^7 of 9 ready: web\.7 waits: no node has room: /);
  assertEquals(nodes?.map(({ node }) => node), ["n1", "n2", "n3", "n4", "n5", "n6", "n7"]);
  for (const { reason } of nodes ?? []) assertEquals(reason, "has 1 already, which is max_per_node");
  assert(because.some((line) => line.startsWith("web.8: not placed: no node has room")), because.join("\n"));
});

Deno.test("explainService() says that there is no node at all", () => {
  const cluster = LittleCluster.of(0, service("web", 1));
  assertMatch(explain(cluster).summary, /^0 of 1 ready: web\.0 waits: there is no node yet/);
  assertEquals(explain(cluster).nodes, []);
});

Deno.test("explainService() says which generations are mixed and what the rollout waits for", () => {
  const cluster = running(2, 2);
  const { record } = cluster.state.services.get("web")!;
  const next = { ...nextGeneration(record, specNamed("web", { env: { RELEASE: "2" } })), desired: 2 };
  cluster.put(next, {
    type: "rollout",
    service: "web",
    cause: "release",
    from: 1,
    to: 2,
    phase: "rolling",
    paused: false,
    began: "2030-01-01T00:00:00.000Z",
    changed: "2030-01-01T00:00:00.000Z",
    reason: "generation 2 follows 1",
    last_words: [],
  });
  cluster.neverReady.add("web");
  cluster.step();
  const { rollout, because, waits } = explain(cluster);
  assertEquals(rollout, "the release to generation 2 is rolling: generation 2 follows 1");
  assert(because.includes("replicas of several generations run: 2 of 1, 1 of 2"), because.join("\n"));
  assertMatch(waits.join("\n"), /generation 2 takes over with 1 beside and 0 missing at most/);
});

Deno.test("explainService() says that moving is held when most nodes are gone", () => {
  const cluster = running(3, 3);
  cluster.lose("n1", "n2");
  const { because, summary } = explain(cluster);
  assert(because.some((line) => line.startsWith("most nodes went away together")), because.join("\n"));
  assertMatch(summary, /^1 of 3 ready: web\.\d waits: node n\d is lost, but so are most/);
});

Deno.test("explainService() says why what runs is not ready", () => {
  const cluster = running(1, 1);
  const [replica] = cluster.replicas("web");
  cluster.observe({ ...replica!.observed!, ready: false, reason: "not ready: its check gave 500" });
  assertEquals(
    explain(cluster).summary,
    "0 of 1 ready: web.0 is on n1, running but not ready: not ready: its check gave 500",
  );
});
