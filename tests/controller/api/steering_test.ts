import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { promote, type Steered } from "../../../lib/controller/api/steering.ts";
import type { LittleCluster } from "../../support/little_cluster.ts";
import { rollOut, servingOf, web } from "../../support/rollouts.ts";

function steered(cluster: LittleCluster, { forced = false } = {}): Steered {
  const service = cluster.state.services.get("web")!;
  return { state: cluster.state, service, rollout: service.rollout!.record, by: "ada", forced };
}

Deno.test("promote() of a green set waits until as many are ready as serve, and force takes fewer", () => {
  const cluster = web(4);
  rollOut(cluster, { update: { strategy: "blue_green" } });
  cluster.step();
  const early = promote(steered(cluster));
  assert(early !== "unchanged" && "refused" in early);
  assertEquals(early.refused, "not-ready-to-promote");
  assertStringIncludes(early.detail, "0 of the 4 replicas of generation 2");
  assertStringIncludes(early.detail, "?force=true");

  const forced = promote(steered(cluster, { forced: true }));
  assertEquals(forced !== "unchanged" && "phase" in forced && forced.phase, "rolling");

  cluster.settle();
  assertEquals(servingOf(cluster), [1, 1, 1, 1]);
  const ready = promote(steered(cluster));
  assertEquals(ready !== "unchanged" && "reason" in ready && ready.reason, "promoted by ada");
});

Deno.test("promote() of canaries asks for those that are tried, and no more", () => {
  const cluster = web(4);
  rollOut(cluster, { update: { canary: 1 } });
  cluster.step();
  const early = promote(steered(cluster));
  assertStringIncludes(early !== "unchanged" && "detail" in early ? early.detail : "", "0 of the 1 replicas");
  cluster.settle();
  const ready = promote(steered(cluster));
  assertEquals(ready !== "unchanged" && "phase" in ready && ready.phase, "rolling");
});

Deno.test("promote() refuses nothing where nothing serves", () => {
  const cluster = web(0);
  rollOut(cluster, { update: { strategy: "blue_green" } });
  const { rollout } = cluster.state.services.get("web")!;
  cluster.put({ ...rollout!.record, phase: "canary" });
  const promoted = promote(steered(cluster));
  assertEquals(promoted !== "unchanged" && "phase" in promoted && promoted.phase, "rolling");
});
