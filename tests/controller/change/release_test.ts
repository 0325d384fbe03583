import { assertEquals } from "@std/assert";
import { rollOut, web } from "../../support/rollouts.ts";

Deno.test("release() leaves an operator's pause as it is, also for another spec, until it is resumed", () => {
  const cluster = web(3);
  rollOut(cluster, {});
  const rollout = () => cluster.state.services.get("web")!.rollout!.record;
  cluster.put({ ...rollout(), paused: true, reason: "paused by ada" });
  rollOut(cluster, {});
  assertEquals([rollout().to, rollout().paused, rollout().reason], [3, true, "paused by ada"]);
  cluster.settle();
  assertEquals(cluster.replicas("web").map(({ record }) => record.generation), [1, 1, 1]);
});

Deno.test("release() begins a rollback at once, and an update after a pause that is over", () => {
  const cluster = web(2);
  rollOut(cluster, {});
  const rollout = () => cluster.state.services.get("web")!.rollout!.record;
  cluster.put({ ...rollout(), paused: true });
  rollOut(cluster, {}, "rollback");
  assertEquals([rollout().cause, rollout().paused], ["rollback", false]);
  cluster.put({ ...rollout(), phase: "done", paused: true });
  rollOut(cluster, {});
  assertEquals(rollout().paused, false);
});
