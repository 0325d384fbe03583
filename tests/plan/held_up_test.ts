import { assertEquals } from "@std/assert";
import type { SpecFields } from "../support/builders.ts";
import { generationsOf, phaseOf, rollOut, waitsOf, web } from "../support/rollouts.ts";

const KEEPS: SpecFields = { data: { per_slot: true }, update: { min_healthy: "5s" } };
const WAITS = "0: generation 2 waits for nodes that are lost or being emptied, as data is there: web.0 on n1";

Deno.test("a rollout waits for a slot whose data is on a node that is being drained, and its deadline with it", () => {
  const cluster = web(3, KEEPS);
  cluster.put({ ...cluster.node("n1").record, draining: true });
  rollOut(cluster, KEEPS);
  cluster.settleInTime();
  cluster.nowMs += 3_600_000;
  cluster.settleInTime();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[1, 2, 2], "rolling"]);
  assertEquals(waitsOf(cluster).includes(WAITS), true, waitsOf(cluster).join("\n"));
  cluster.put({ ...cluster.node("n1").record, draining: false });
  cluster.settleInTime();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[2, 2, 2], "done"]);
});

Deno.test("a rollout waits for a slot whose data is on a lost node, which has its whole time once it is back", () => {
  const cluster = web(3, KEEPS);
  rollOut(cluster, KEEPS);
  cluster.lose("n1");
  cluster.settleInTime();
  cluster.nowMs += 3_600_000;
  cluster.settleInTime();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[1, 1, 1], "rolling"]);
  assertEquals(waitsOf(cluster).includes(WAITS), true, "one is missing already, and no more may be");
  assertEquals(cluster.state.services.get("web")?.record.generation, 2);
  cluster.neverReady.add("web");
  cluster.hear("n1");
  cluster.step();
  assertEquals(phaseOf(cluster), "rolling");
  cluster.neverReady.clear();
  cluster.settleInTime();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[2, 2, 2], "done"]);
});

Deno.test("while anything else is left to do the deadline counts", () => {
  const cluster = web(3, KEEPS);
  cluster.put({ ...cluster.node("n1").record, draining: true });
  rollOut(cluster, { ...KEEPS, resources: { memory: 1_000_000 } });
  cluster.settle();
  cluster.nowMs += 300_000;
  cluster.step();
  assertEquals(cluster.story.at(-1), "roll back web to 1: no progress within 5m");
});
