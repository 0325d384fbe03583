import { assertEquals } from "@std/assert";
import { endpointsOf, withdrawnFrom } from "../../lib/cluster/endpoint.ts";
import type { Observation } from "../../lib/cluster/replica.ts";
import { nextGeneration } from "../../lib/cluster/service_record.ts";
import { assignment, idOf, observation, service, specNamed } from "../support/builders.ts";
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
    ports: {},
    tcp: [],
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

const TCP_FIELDS = {
  ports: { reads: 0 },
  tcp: [
    { port: 5_432, check: { http: "/primary" } },
    { port: 5_433, target: "reads" },
  ],
};

/** Two replicas, the second of which is the primary. */
function tcpScene(): LittleCluster {
  const cluster = LittleCluster.of(3, service("db", 3, TCP_FIELDS));
  for (const n of [1, 2]) {
    const record = assignment(n, { service: "db", node: idOf("node", n) });
    cluster.put(record);
    cluster.observe(observation(record, { ports: { reads: 30_000 + n }, roles: n === 2 ? [5_432] : [] }), record.node);
  }
  return cluster;
}

const tcpOf = (cluster: LittleCluster) => endpointsOf(cluster.state, "db").map(({ slot, tcp }) => [slot, ...tcp]);

Deno.test("endpointsOf() says which TCP ports a replica serves: those without a check, and those with a good one", () => {
  const cluster = tcpScene();
  assertEquals(tcpOf(cluster), [[0, 5_433], [1, 5_432, 5_433]]);
  assertEquals(endpointsOf(cluster.state, "db").map(({ ports }) => ports), [{ reads: 30_001 }, { reads: 30_002 }]);
});

Deno.test("endpointsOf() is asked anew when a role or a named port goes to another, and not when nothing has changed", () => {
  const cluster = tcpScene();
  const record = assignment(1, { service: "db" });
  const seen = (fields: Partial<Observation>) => {
    cluster.state.endpointsChanged.clear();
    cluster.observe(observation(record, { ports: { reads: 30_001 }, roles: [], ...fields }), record.node);
    return [...cluster.state.endpointsChanged];
  };
  assertEquals(seen({ restarts: 1 }), []);
  assertEquals(seen({ roles: [5_432] }), ["db"]);
  assertEquals(tcpOf(cluster)[0], [0, 5_432, 5_433]);
  assertEquals(seen({ roles: [5_432] }), []);
  assertEquals(seen({ roles: [5_432], ports: { reads: 1 } }), ["db"]);
  assertEquals(seen({ ports: { reads: 1 } }), ["db"]);
});

Deno.test("endpointsOf() leaves out TCP ports whose target the replica's generation doesn't have", () => {
  const cluster = tcpScene();
  const record = assignment(1, { service: "db" });
  cluster.observe(observation(record), record.node);
  assertEquals(tcpOf(cluster)[0], [0]);
});

Deno.test("endpointsOf() judges a replica by the check of its own generation, as that is what is asked there", () => {
  const cluster = tcpScene();
  const before = service("db", 3, TCP_FIELDS);
  const spec = specNamed("db", {
    ...TCP_FIELDS,
    env: { NEW: "1" },
    tcp: [{ port: 5_432 }, { port: 5_433, target: "reads", check: { tcp: true } }],
  });
  cluster.put(nextGeneration(before, spec));
  assertEquals(tcpOf(cluster), [[0, 5_433], [1, 5_432, 5_433]]);
});

Deno.test("withdrawnFrom() names the replicas that are withdrawn and may run, not those that are lost or gone", () => {
  const cluster = scene();
  assertEquals(withdrawnFrom(cluster.state, "web"), []);
  for (const n of [1, 2]) cluster.put(assignment(n, { node: idOf("node", n), draining: true }));
  assertEquals(withdrawnFrom(cluster.state, "web"), [idOf("replica", 1), idOf("replica", 2)]);
  cluster.lose("n1");
  assertEquals(withdrawnFrom(cluster.state, "web"), [idOf("replica", 2)]);
  const two = assignment(2, { node: idOf("node", 2) });
  cluster.observe(observation(two, { phase: "exited", ready: false }), two.node);
  assertEquals([withdrawnFrom(cluster.state, "web"), withdrawnFrom(cluster.state, "nobody")], [[], []]);
});
