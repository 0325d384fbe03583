import { assertEquals } from "@std/assert";
import { emptySight, replicasSeen, takeIn } from "../../../../lib/console/cli/follow/sight.ts";
import { snapshot } from "../../../support/views.ts";
import { changes, node, replica, service } from "../seen_views.ts";

Deno.test("takeIn() replaces all by a snapshot, and only what is named by changes", () => {
  const seen = emptySight();
  takeIn(seen, snapshot({ services: [service({ name: "old" })], replicas: [replica()] }));
  takeIn(seen, snapshot({ services: [service(), service({ name: "db" })], nodes: [node()] }));
  assertEquals([[...seen.services.keys()], [...seen.nodes.keys()], seen.replicas.size], [["web", "db"], ["n1"], 0]);
  takeIn(
    seen,
    changes({ services: [service({ ready: 1 })], replicas: [replica()] }, { services: ["db"], nodes: ["n1"] }),
  );
  assertEquals([[...seen.services.values()].map(({ ready }) => ready), seen.nodes.size, seen.replicas.size], [
    [1],
    0,
    1,
  ]);
});

Deno.test("takeIn() keeps what holds decisions up until it is told otherwise", () => {
  const seen = emptySight();
  const whole = snapshot({});
  if (whole.kind !== "snapshot") throw new TypeError("a snapshot was asked for");
  takeIn(seen, { ...whole, cluster: { ...whole.cluster, held_up: "2 nodes were not heard yet" } });
  takeIn(seen, changes({}));
  assertEquals(seen.heldUp, "2 nodes were not heard yet");
  takeIn(seen, whole);
  assertEquals(seen.heldUp, null);
});

Deno.test("replicasSeen() gives those of one service, by slot", () => {
  const seen = emptySight();
  const others = [replica({ slot: 2 }), replica({ slot: 0 }), replica({ slot: 1, service: "db" })];
  takeIn(seen, snapshot({ replicas: others }));
  assertEquals(replicasSeen(seen, "web").map(({ name }) => name), ["web.0", "web.2"]);
});
