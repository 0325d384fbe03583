import { assertEquals } from "@std/assert";
import { remove } from "../../lib/cluster/record.ts";
import { release } from "../../lib/controller/change/release.ts";
import { crashed, observation, type SpecFields, wallAt } from "../support/builders.ts";
import type { LittleCluster } from "../support/little_cluster.ts";
import { generationsOf, phaseOf, rollOut, servingOf, waitsOf, web } from "../support/rollouts.ts";

const GREEN: SpecFields = { update: { strategy: "blue_green", min_healthy: "5s" } };

/** A green set that is well and waits for its promotion beside the blue one. */
function tried(replicas: number, nodes: number): LittleCluster {
  const cluster = web(replicas, GREEN, nodes);
  rollOut(cluster, GREEN);
  cluster.settleInTime();
  cluster.story.length = 0;
  return cluster;
}

/** Settles, and says whether requests could be answered at each step of it. */
function isServedMeanwhile(cluster: LittleCluster): boolean {
  let served = true;
  for (let round = 0; round < 20; round++) {
    cluster.step();
    served &&= servingOf(cluster).length > 0;
    cluster.obey();
    served &&= servingOf(cluster).length > 0;
  }
  cluster.settleInTime();
  return served;
}

Deno.test("a blue replica that has to leave its node goes for another blue one, however well its green one is", () => {
  const cluster = tried(1, 2);
  cluster.put({ ...cluster.node("n1").record, draining: true });
  assertEquals(isServedMeanwhile(cluster), true);
  assertEquals([servingOf(cluster), generationsOf(cluster), phaseOf(cluster)], [[1], [1, 2], "canary"]);
  assertEquals(cluster.placesOf("web"), ["n2", "n2"]);
  assertEquals(waitsOf(cluster), ["0: 1 of generation 2 are well: promote it, or roll back"]);
});

Deno.test("a blue replica that is lost is replaced by a blue one, and what was tried beside it is tried anew", () => {
  const cluster = tried(2, 5);
  const [blue] = cluster.replicas("web");
  const name = cluster.state.nodes.get(blue!.record.node)!.record.name;
  cluster.lose(name);
  cluster.step();
  assertEquals(cluster.story.slice(0, 3).map((line) => line.split(" ").slice(0, 2).join(" ")), [
    "stop web.0",
    "forget web.0",
    "start web.0",
  ]);
  cluster.settleInTime();
  assertEquals([servingOf(cluster), generationsOf(cluster), phaseOf(cluster)], [[1, 1], [1, 2, 1, 2], "canary"]);
});

Deno.test("a blue replica whose restarts are used up is moved while its green set waits", () => {
  const cluster = tried(1, 3);
  const [blue] = cluster.replicas("web");
  cluster.observe(crashed(blue!.record, 6), blue!.record.node);
  cluster.step();
  cluster.settleInTime();
  assertEquals([servingOf(cluster), generationsOf(cluster)], [[1], [1, 2]]);
  assertEquals(cluster.replicas("web")[0]!.record.crashes_before, 6);
});

Deno.test("a green replica on a lost node takes nobody's slot", () => {
  const cluster = tried(1, 3);
  const green = cluster.replicas("web")[1]!;
  cluster.lose(cluster.state.nodes.get(green.record.node)!.record.name);
  cluster.settleInTime();
  assertEquals([servingOf(cluster), generationsOf(cluster), phaseOf(cluster)], [[1], [1, 2], "canary"]);
});

Deno.test("a change in place leaves all requests where they are, and waits for no promotion", () => {
  const cluster = web(2, GREEN);
  const { record } = cluster.state.services.get("web")!;
  const spec = { ...record.spec, replicas: 2, priority: 60 };
  cluster.commit(release(cluster.state, spec, { at: wallAt(0), by: "ada", cause: "release" }).changes);
  assertEquals(servingOf(cluster), [1, 1]);
  cluster.settleInTime();
  assertEquals([servingOf(cluster), phaseOf(cluster)], [[1, 1], "done"]);
});

Deno.test("a stored spec of a green set without a surge is taken as one with room for the whole set", () => {
  const cluster = web(3, GREEN);
  const { record } = cluster.state.services.get("web")!;
  const update = { ...record.spec.update, max_surge: 0, max_unavailable: 1 };
  const spec = { ...record.spec, replicas: 3, update, env: { RELEASE: "2" } };
  cluster.commit(release(cluster.state, spec, { at: wallAt(0), by: "ada", cause: "release" }).changes);
  cluster.settleInTime();
  assertEquals([servingOf(cluster), generationsOf(cluster)], [[1, 1, 1], [1, 2, 1, 2, 1, 2]]);
});

Deno.test("what is alone in its slot gets requests although a green set is tried", () => {
  const cluster = web(2, GREEN);
  rollOut(cluster, { update: { min_healthy: "0s" } });
  cluster.settle();
  const { record, rollout } = cluster.state.services.get("web")!;
  assertEquals([generationsOf(cluster), rollout?.record.phase], [[2, 2], "done"]);
  // As if the first generation were still the last that is known to be good.
  cluster.put({ ...rollout!.record, phase: "rolling" });
  const spec = { ...record.spec, replicas: 2, update: { ...record.spec.update, strategy: "blue_green" as const } };
  cluster.commit(release(cluster.state, spec, { at: wallAt(0), by: "ada", cause: "release" }).changes);
  assertEquals([phaseOf(cluster), servingOf(cluster)], ["canary", [2, 2]]);
});

Deno.test("a canary whose node is emptied stays for as long as it alone is ready", () => {
  const canary: SpecFields = { update: { canary: 1, min_healthy: "5s" } };
  const cluster = web(1, canary, 3);
  rollOut(cluster, canary);
  cluster.settleInTime();
  const [former, tried] = cluster.replicas("web");
  const where = cluster.state.nodes.get(tried!.record.node)!.record;
  cluster.put({ ...where, draining: true });
  cluster.observe(observation(former!.record, { ready: false }), former!.record.node);
  assertEquals(cluster.plan().actions, []);
  cluster.observe(observation(former!.record), former!.record.node);
  assertEquals(cluster.plan().actions.map((action) => cluster.inWords(action)), [
    `stop web.0 on ${where.name}: node ${where.name} is being emptied before it could take over`,
  ]);
});

Deno.test("a predecessor on a removed node is forgotten, and not stopped on top of that", () => {
  const cluster = web(1, GREEN);
  rollOut(cluster, { update: { min_healthy: "0s" } });
  cluster.step();
  cluster.obey();
  const [former] = cluster.replicas("web");
  cluster.commit([remove(cluster.state.nodes.get(former!.record.node)!.record)]);
  assertEquals(cluster.plan().actions.map(({ kind }) => kind), ["forget"]);
});

Deno.test("what is alone in its slot while a green set is tried leaves its node like any other", () => {
  const cluster = web(1, GREEN);
  const { record } = cluster.state.services.get("web")!;
  rollOut(cluster, { update: { min_healthy: "0s" } });
  cluster.settle();
  const { rollout } = cluster.state.services.get("web")!;
  cluster.put({ ...cluster.state.services.get("web")!.record, spec: { ...record.spec, env: { RELEASE: "2" } } });
  cluster.put({ ...rollout!.record, phase: "canary" });
  const [only] = cluster.replicas("web");
  cluster.put({ ...cluster.state.nodes.get(only!.record.node)!.record, draining: true });
  cluster.settle();
  assertEquals([servingOf(cluster), cluster.placesOf("web").length], [[2], 1]);
});
