import { assertEquals } from "@std/assert";
import { release } from "../../lib/controller/change/release.ts";
import { crashed, observation, type SpecFields, specNamed, wallAt } from "../support/builders.ts";
import type { LittleCluster } from "../support/little_cluster.ts";
import { generationsOf, rollOut, waitsOf, WEB, web } from "../support/rollouts.ts";

const CANARY: SpecFields = { update: { canary: 1, min_healthy: "5s" } };

const decisions = (cluster: LittleCluster) => cluster.plan().actions.map((action) => cluster.inWords(action));

/** The newest replica of a slot crashes as often as it takes to be moved. */
function crashNewest(cluster: LittleCluster, crashes = 6): void {
  const { record } = cluster.replicas("web").findLast(({ record }) => !record.draining)!;
  cluster.observe(crashed(record, crashes), record.node);
}

Deno.test("a successor whose restarts are used up is moved where its predecessor has to leave", () => {
  const cluster = web(1, {}, 4);
  cluster.put({ ...cluster.node("n1").record, draining: true });
  cluster.step();
  crashNewest(cluster);
  const why = "crashed 6 times on n2; last: exit code 1";
  assertEquals(decisions(cluster), [`stop web.0 on n2: ${why}`, `succeed web.0 on n3: ${why}`]);
  cluster.step();
  assertEquals(cluster.replicas("web").at(-1)!.record.crashes_before, 6);
  const { record } = cluster.replicas("web").find(({ record }) => record.draining)!;
  cluster.observe(observation(record, { phase: "exited", ready: false }), record.node);
  cluster.step();
  crashNewest(cluster, 7);
  assertEquals(decisions(cluster), []);
  assertEquals(waitsOf(cluster), ["0: crashed 7 times, and was moved for that already; last: exit code 1"]);
  assertEquals(cluster.plan().wakeMs, 300_000);
  cluster.nowMs = 300_000;
  assertEquals(decisions(cluster).map((line) => line.split(":")[0]), ["stop web.0 on n3", "succeed web.0 on n2"]);
});

Deno.test("a successor without room elsewhere stays, and it is said why", () => {
  const cluster = web(1, {}, 2);
  cluster.put({ ...cluster.node("n1").record, draining: true });
  cluster.step();
  crashNewest(cluster);
  assertEquals(decisions(cluster), []);
  assertEquals(waitsOf(cluster)[0]?.startsWith("0: crashed 6 times on n2; last: exit code 1; it stays, as"), true);
});

Deno.test("the way back gets on elsewhere when its replica has used up its restarts", () => {
  const cluster = web(1, WEB, 3);
  rollOut(cluster, WEB);
  cluster.settleInTime();
  const { history } = cluster.state.services.get("web")!.record;
  const back = release(cluster.state, { ...history[0]!.spec, replicas: 1 }, {
    at: wallAt(0),
    by: "ada",
    cause: "rollback",
  });
  cluster.commit(back.changes);
  cluster.step();
  crashNewest(cluster);
  assertEquals(decisions(cluster).map((line) => line.split(" ")[0]), ["stop", "succeed"]);
  cluster.step();
  cluster.settleInTime();
  assertEquals(cluster.replicas("web").map(({ record }) => record.generation), [3]);
});

Deno.test("what ran before is moved when its restarts are used up while a canary waits for its promotion", () => {
  const cluster = web(3, CANARY, 5);
  rollOut(cluster, CANARY);
  cluster.settleInTime();
  crashNewest(cluster);
  assertEquals(decisions(cluster), [
    "stop web.2 on n3: crashed 6 times on n3; last: exit code 1",
    "start web.2 on n5: crashed 6 times on n3; last: exit code 1",
  ]);
  cluster.step();
  assertEquals(cluster.replicas("web").at(-1)!.record.generation, 1);
});

Deno.test("what ran before is moved while its rollout is paused, by its own restart policy", () => {
  const cluster = web(3, { ...WEB, restart: { attempts: 1 } }, 5);
  rollOut(cluster, WEB);
  cluster.step();
  cluster.settleInTime();
  rollOut(cluster, WEB);
  const spec = specNamed("web", { ...WEB, restart: { attempts: 9 }, env: { RELEASE: "9" } });
  cluster.commit(
    release(cluster.state, { ...spec, replicas: 3 }, { at: wallAt(0), by: "ada", cause: "release" }).changes,
  );
  const { record } = cluster.state.services.get("web")!.rollout!;
  cluster.put({ ...record, paused: true });
  const old = cluster.replicas("web").at(-1)!;
  cluster.observe(crashed(old.record, 6), old.record.node);
  assertEquals(decisions(cluster).map((line) => line.split(" ")[0]), ["stop", "start"]);
  cluster.step();
  assertEquals(cluster.replicas("web").at(-1)!.record.generation, old.record.generation);
});

Deno.test("what is moved while the way back is paused stays of its generation, as a pause lets nothing go forward", () => {
  const cluster = web(3, WEB, 5);
  rollOut(cluster, WEB);
  cluster.settleInTime();
  rollOut(cluster, WEB, "rollback");
  cluster.put({ ...cluster.state.services.get("web")!.rollout!.record, paused: true });
  crashNewest(cluster);
  assertEquals(decisions(cluster).map((line) => line.split(" ")[0]), ["stop", "start"]);
  cluster.step();
  assertEquals(generationsOf(cluster).at(-1), 2);
});
