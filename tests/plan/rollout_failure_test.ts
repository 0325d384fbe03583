import { assertEquals } from "@std/assert";
import { release } from "../../lib/controller/change/release.ts";
import { crashed, observation, type SpecFields, wallAt } from "../support/builders.ts";
import type { LittleCluster } from "../support/little_cluster.ts";
import { generationsOf, phaseOf, rollOut, WEB, web } from "../support/rollouts.ts";

/** Lets a release go wrong in a way, and tells what was decided about it. */
function failing(fields: SpecFields, goWrong: (cluster: LittleCluster) => void): LittleCluster {
  const cluster = web(3, fields);
  rollOut(cluster, fields);
  cluster.step();
  goWrong(cluster);
  cluster.settleInTime();
  return cluster;
}

const newest = (cluster: LittleCluster) => cluster.replicas("web").find(({ record }) => record.generation === 2)!;

Deno.test("a release that crashes is rolled back, with its last words, and what ran before is never touched", () => {
  const before = new Set<string>();
  const cluster = failing(WEB, (cluster) => {
    for (const { record } of cluster.replicas("web")) if (record.generation === 1) before.add(record.id);
    const { record } = newest(cluster);
    cluster.observe({ ...crashed(record, 3), last_words: ["no such table"] }, record.node);
    cluster.step();
  });
  assertEquals(cluster.story[1], "roll back web to 1: web.0 crashed 3 times; last: exit code 1");
  assertEquals(new Set(cluster.replicas("web").map(({ record }) => record.id)), before);
  const service = cluster.state.services.get("web")!;
  assertEquals([service.record.generation, service.record.alike, service.record.cause], [3, [1], "rollback"]);
  assertEquals(service.rollout?.record.last_words, ["no such table"]);
  assertEquals([phaseOf(cluster), cluster.plan().actions], ["done", []]);
});

Deno.test("a release that doesn't get ready within its start period is rolled back", () => {
  const cluster = failing(WEB, (cluster) => {
    const { record } = newest(cluster);
    cluster.silent.add("n1");
    cluster.observe(observation(record, { ready: false, reason: "not ready: GET / gave 500" }), record.node);
    assertEquals(cluster.settle(), []);
    assertEquals(cluster.plan().wakeMs, cluster.nowMs + 31_000);
    cluster.nowMs += 31_000;
    cluster.step();
    cluster.silent.clear();
  });
  const reason = "web.0 is not ready after its start period of 30s: not ready: GET / gave 500";
  assertEquals(cluster.story[1], `roll back web to 1: ${reason}`);
  assertEquals(phaseOf(cluster), "done");
});

Deno.test("a release that gets no further is rolled back at its deadline, also for want of room", () => {
  const cluster = web(2, WEB, 2);
  rollOut(cluster, { ...WEB, resources: { memory: 1_000_000 } });
  assertEquals(cluster.settle(), []);
  assertEquals(cluster.plan().wakeMs, cluster.nowMs + 300_000);
  cluster.nowMs += 300_000;
  assertEquals(cluster.settle()[0], "roll back web to 1: no progress within 5m");
  assertEquals([phaseOf(cluster), generationsOf(cluster)], ["done", [1, 1]]);
});

Deno.test("a release that may not be rolled back ends where it stands, and the next one mends it", () => {
  const fields: SpecFields = { update: { auto_rollback: false } };
  const cluster = failing(fields, (cluster) => {
    const { record } = newest(cluster);
    cluster.silent.add("n1");
    cluster.observe(crashed(record, 3), record.node);
  });
  assertEquals(phaseOf(cluster), "failed");
  assertEquals(cluster.ready("web"), 3);
  cluster.silent.clear();
  rollOut(cluster, fields);
  cluster.settleInTime();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[3, 3, 3], "done"]);
  assertEquals(cluster.state.services.get("web")?.rollout?.record.from, 1);
});

Deno.test("while a release has yet to prove itself, a lost replica is replaced by one of what ran before", () => {
  const cluster = web(3);
  rollOut(cluster, WEB);
  cluster.settle();
  cluster.lose("n3");
  cluster.settle();
  assertEquals(
    cluster.replicas("web").filter(({ record }) => record.slot === 2).map(({ record }) => record.generation),
    [
      1,
    ],
  );
  cluster.settleInTime();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[2, 2, 2], "done"]);
});

Deno.test("what ran before is placed by its own spec, whatever the new one asks for", () => {
  const fields: SpecFields = { update: { min_healthy: "5s", canary: 1 }, resources: { memory: 3_000 } };
  const nowhere = web(3, fields, 5);
  rollOut(nowhere, { ...fields, placement: { constraints: ["zone == nowhere"] } });
  nowhere.settle();
  nowhere.lose("n2");
  nowhere.settle();
  assertEquals([generationsOf(nowhere), nowhere.ready("web")], [[1, 1, 1], 3]);

  const small = web(3, fields);
  rollOut(small, { ...fields, resources: { memory: 256 } });
  small.settleInTime();
  small.lose("n3");
  small.settle();
  assertEquals(small.state.nodesByName.map(({ reserved }) => reserved.memory <= 4_096), [true, true, true]);
});

Deno.test("a release that failed gets no further by a node that is lost or drained", () => {
  for (const end of ["lost", "drained"]) {
    const fields: SpecFields = { update: { min_healthy: "5s", auto_rollback: false } };
    const cluster = web(3, fields, 5);
    rollOut(cluster, fields);
    cluster.step();
    const { record } = newest(cluster);
    cluster.observe(crashed(record, 4), record.node);
    cluster.step();
    assertEquals(phaseOf(cluster), "failed");
    if (end === "lost") cluster.lose("n3");
    else cluster.put({ ...cluster.node("n3").record, draining: true });
    cluster.step();
    assertEquals(cluster.replicas("web").at(-1)!.record.generation, 1, end);
  }
});

Deno.test("a change in place, made while a canary is well, waits for its promotion like that one", () => {
  const fields: SpecFields = { update: { min_healthy: "5s", canary: 1 } };
  const cluster = web(3, fields, 4);
  rollOut(cluster, fields);
  cluster.settleInTime();
  const { record } = cluster.state.services.get("web")!;
  const spec = { ...record.spec, replicas: 3, priority: 60 };
  cluster.commit(release(cluster.state, spec, { at: wallAt(0), by: "ada", cause: "release" }).changes);
  cluster.nowMs += 3_600_000;
  assertEquals(cluster.settleInTime(), []);
  assertEquals([phaseOf(cluster), generationsOf(cluster)], ["canary", [1, 2, 1, 1]]);
  const canary = cluster.replicas("web")[1]!;
  cluster.observe(crashed(canary.record, 3), canary.record.node);
  cluster.step();
  assertEquals(cluster.story.at(-1), "roll back web to 1: web.0 crashed 3 times; last: exit code 1");
});

Deno.test("that a replica as good as the new ones is ready is progress", () => {
  const cluster = web(1, WEB);
  const { record } = cluster.state.services.get("web")!;
  const spec = { ...record.spec, replicas: 1, priority: 60 };
  cluster.commit(release(cluster.state, spec, { at: wallAt(0), by: "ada", cause: "release" }).changes);
  const [replica] = cluster.replicas("web");
  cluster.nowMs += 299_000;
  cluster.observe(observation(replica!.record, { ready: false }), replica!.record.node);
  cluster.observe(observation(replica!.record), replica!.record.node);
  assertEquals(cluster.state.services.get("web")?.rollout?.progressMs, cluster.nowMs);
});

Deno.test("a service that is scaled to 0, or removed, in the middle of its rollout comes to its end", () => {
  for (const change of [{ desired: 0 }, { removed: true }]) {
    const cluster = web(3);
    rollOut(cluster, WEB);
    cluster.settle();
    cluster.put({ ...cluster.state.services.get("web")!.record, ...change });
    cluster.settleInTime();
    assertEquals(cluster.replicas("web"), []);
    assertEquals(cluster.plan().actions, []);
  }
});
