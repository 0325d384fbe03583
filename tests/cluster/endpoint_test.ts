import { assertEquals } from "@std/assert";
import { endpointsOf } from "../../lib/cluster/endpoint.ts";
import { assignment, idOf, observation, service } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

function scene(): LittleCluster {
  const cluster = LittleCluster.of(3, service("web", 3));
  for (const n of [3, 1, 2]) {
    const record = assignment(n, { node: idOf("node", n) });
    cluster.put(record);
    cluster.observe(observation(record), record.node);
  }
  return cluster;
}

const slots = (cluster: LittleCluster) => endpointsOf(cluster.state, "web").map(({ slot }) => slot);

Deno.test("endpointsOf() gives the way to each ready replica, by slot", () => {
  const cluster = scene();
  assertEquals(slots(cluster), [0, 1, 2]);
  assertEquals(endpointsOf(cluster.state, "web")[1], {
    replica: idOf("replica", 2),
    slot: 1,
    node: idOf("node", 2),
    nodeUrl: "http://n2:9090",
    port: 20_001,
    fence: 2,
    suspect: false,
  });
  assertEquals(endpointsOf(cluster.state, "nobody"), []);
});

Deno.test("endpointsOf() puts replicas of suspect nodes last, and leaves those of lost nodes out", () => {
  const cluster = scene();
  cluster.tell({ kind: "cut", node: idOf("node", 1) });
  assertEquals(slots(cluster), [1, 2, 0]);
  assertEquals(endpointsOf(cluster.state, "web").map(({ suspect }) => suspect), [false, false, true]);
  cluster.lose("n1");
  assertEquals(slots(cluster), [1, 2]);
});

Deno.test("endpointsOf() leaves out what is not ready, is draining, has no port, or sits on a removed node", () => {
  const cluster = scene();
  const [one, two, three] = [1, 2, 3].map((n) => assignment(n, { node: idOf("node", n) }));
  cluster.observe(observation(one!, { ready: false }), idOf("node", 1));
  assertEquals(slots(cluster), [1, 2]);
  cluster.put({ ...two!, draining: true });
  assertEquals(slots(cluster), [2]);
  cluster.observe(observation(three!, { port: null }), idOf("node", 3));
  assertEquals(slots(cluster), []);
  cluster.observe(observation(three!), idOf("node", 3));
  cluster.commit([{ op: "delete", key: `node/${idOf("node", 3)}` }]);
  assertEquals(slots(cluster), []);
});
