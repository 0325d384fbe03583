import { assertEquals } from "@std/assert";
import { isBeingEmptied, isCrashedOut, isFilled, isWell } from "../../lib/cluster/state.ts";
import { assignment, crashed, idOf, node, observation, service } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

function scene(fields: Parameters<typeof assignment>[1] = {}) {
  const cluster = LittleCluster.of(2, service("web", 1), assignment(1, fields));
  const web = cluster.state.services.get("web")!;
  const replica = () => cluster.state.replicas.get(idOf("replica", 1))!;
  return { cluster, web, well: () => isWell(cluster.state, web, replica()), replica };
}

Deno.test("isWell() holds for a wanted replica of the present generation on a node that stays", () => {
  assertEquals(scene().well(), true);
  assertEquals(scene({ draining: true }).well(), false);
  assertEquals(scene({ slot: 1 }).well(), false);
  assertEquals(scene({ generation: 2 }).well(), false);
  assertEquals(scene({ node: idOf("node", 9) }).well(), false);
});

Deno.test("isWell() ends when its node is lost, drained or left, and when the service is removed", () => {
  const lost = scene();
  lost.cluster.lose("n1");
  assertEquals(lost.well(), false);
  const drained = scene();
  drained.cluster.put(node(1, { draining: true }));
  assertEquals([drained.well(), isBeingEmptied(drained.cluster.node("n1"))], [false, true]);
  const left = scene();
  left.cluster.tell({ kind: "leaving", node: idOf("node", 1) });
  assertEquals([left.well(), isBeingEmptied(left.cluster.node("n1"))], [false, true]);
  const removed = scene();
  removed.cluster.put({ ...service("web", 1), removed: true });
  assertEquals(removed.well(), false);
});

Deno.test("isWell() does not hold for a successor until its predecessor is gone", () => {
  const { cluster, web } = scene();
  cluster.put(assignment(2, { slot: 0, successor_of: idOf("replica", 1) }));
  const successor = () => cluster.state.replicas.get(idOf("replica", 2))!;
  assertEquals(isWell(cluster.state, web, successor()), false);
  cluster.commit([{ op: "delete", key: `assignment/${idOf("replica", 1)}` }]);
  assertEquals(isWell(cluster.state, web, successor()), true);
});

Deno.test("isCrashedOut() wants more crashes than attempts, and a replica that waits for its next start", () => {
  const { cluster, web, replica } = scene();
  const after = (seen: ReturnType<typeof observation>) => {
    cluster.observe(seen);
    return isCrashedOut(web, replica());
  };
  assertEquals(isCrashedOut(web, replica()), false);
  assertEquals(after(crashed(assignment(1), 5)), false);
  assertEquals(after(crashed(assignment(1), 6)), true);
  assertEquals(after(observation(assignment(1), { crashes: 6 })), false);
  assertEquals(after(observation(assignment(1), { phase: "pending", ready: false, crashes: 6 })), true);
});

Deno.test("isFilled() counts only a replica that is meant to stay", () => {
  const { cluster, web } = scene();
  assertEquals([0, 1].map((slot) => isFilled(cluster.state, web, slot)), [true, false]);
  cluster.put(assignment(1, { draining: true }));
  assertEquals(isFilled(cluster.state, web, 0), false);
});
