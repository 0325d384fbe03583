import { assertEquals } from "@std/assert";
import { nextGeneration } from "../../lib/cluster/service_record.ts";
import { observation, service, type SpecFields, specNamed } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

const KEEPS: SpecFields = { data: { per_slot: true } };
const FIXED: SpecFields = { ports: { pg: 5_432 } };

function running(nodes: number, fields: SpecFields): LittleCluster {
  const cluster = LittleCluster.of(nodes, service("db", nodes, fields));
  cluster.settle();
  cluster.story.length = 0;
  return cluster;
}

function release(cluster: LittleCluster, fields: SpecFields): void {
  const { record } = cluster.state.services.get("db")!;
  const spec = specNamed("db", { ...fields, env: { RELEASE: String(record.generation) } });
  cluster.put({ ...nextGeneration(record, spec), desired: record.desired });
}

const waits = (cluster: LittleCluster) => cluster.plan().waits.map(({ slot, reason }) => `${slot}: ${reason}`);

for (const [what, fields] of Object.entries({ "keep data": KEEPS, "have a fixed port": FIXED })) {
  Deno.test(`replicas that ${what} are renewed one after the other, each where it was`, () => {
    const cluster = running(2, fields);
    release(cluster, fields);
    assertEquals(cluster.settle(), [
      "stop db.0 on n1: generation 2 replaces 1",
      "forget db.0 on n1: it has stopped",
      "start db.0 on n1: 1 of 2 placed",
      "stop db.1 on n2: generation 2 replaces 1",
      "forget db.1 on n2: it has stopped",
      "start db.1 on n2: 1 of 2 placed",
    ]);
    assertEquals(cluster.plan().actions, []);
  });
}

Deno.test("a release that never gets ready takes one of those that take turns, and the next one mends it", () => {
  const cluster = running(3, KEEPS);
  cluster.neverReady.add("db");
  const others = cluster.replicas("db").slice(1);
  release(cluster, KEEPS);
  for (let round = 0; round < 6; round++) {
    cluster.step();
    cluster.obey();
    for (const { record } of others) cluster.observe(observation(record), record.node);
  }
  assertEquals(cluster.replicas("db").map(({ record }) => record.generation), [2, 1, 1]);
  assertEquals(waits(cluster), ["1: generation 2 replaces 1, one at a time and once all are ready: 2 of 3 are"]);
  cluster.neverReady.clear();
  // Until then it is not ready, and so the first to be replaced.
  cluster.observe(observation(cluster.replicas("db")[0]!.record, { ready: false }), cluster.node("n1").record.id);
  release(cluster, KEEPS);
  assertEquals(cluster.settle()[0], "stop db.0 on n1: generation 3 replaces 2");
  assertEquals(cluster.replicas("db").map(({ record }) => record.generation), [3, 3, 3]);
});

Deno.test("what begins to keep data is renewed in turn as well", () => {
  const cluster = running(2, {});
  release(cluster, KEEPS);
  const story = cluster.settle();
  assertEquals(story.filter((line) => line.startsWith("succeed")), []);
  assertEquals(cluster.state.services.get("db")?.homes.size, 2);
});
