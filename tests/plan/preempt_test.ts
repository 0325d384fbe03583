import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { service, type SpecFields } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

/** A service each of whose replicas takes so many of a node's 4 cores. */
function takes(name: string, desired: number, { cpu, priority, ...fields }: SpecFields & { cpu: number }) {
  return service(name, desired, { resources: { cpu }, ...(priority === undefined ? {} : { priority }), ...fields });
}

const waits = (cluster: LittleCluster) =>
  cluster.plan().waits.map(({ service: name, slot, reason }) => `${name}.${slot}: ${reason}`);

/** A cluster that is full of what comes first, to which then something comes that is more important. */
function full(nodes: number, ...records: ReturnType<typeof takes>[]): LittleCluster {
  const cluster = LittleCluster.of(nodes, ...records);
  const able = { features: ["isolation"] };
  cluster.put(...cluster.state.nodesByName.map(({ record }) => ({ ...record, ...able })));
  cluster.settle();
  cluster.story.length = 0;
  return cluster;
}

Deno.test("a more important replica takes the place of a less important one once that has ended", () => {
  const cluster = full(2, takes("batch", 2, { cpu: 4, priority: 20 }));
  cluster.put(takes("web", 1, { cpu: 2, priority: 80 }));
  assertEquals(cluster.plan().waits.map(({ reason }) => reason), ["room is being made on n1"]);
  assertEquals(cluster.settle(), [
    "stop batch.0 on n1: makes room for web.0, whose priority is 80 against 20",
    "forget batch.0 on n1: it has stopped",
    "start web.0 on n1: 0 of 1 placed",
  ]);
  assertEquals(waits(cluster), [
    "batch.0: no node has room: n1: needs 4 cores, 2.00 of 4 are free; n2: needs 4 cores, 0.00 of 4 are free",
  ]);
});

Deno.test("nobody is stopped for a service that may not be started at all", () => {
  const cluster = full(1, takes("batch", 4, { cpu: 1, priority: 10 }));
  cluster.state.lossRule = { misses: 3, lostAfterMs: 30_000 };
  cluster.put(takes("db", 1, { cpu: 2, priority: 90, on_isolation: { stop_after: "15s" } }));
  assertEquals(cluster.settle(), []);
  assertEquals(waits(cluster)[0]?.startsWith("db.0: on_isolation.stop_after is 15 s"), true, waits(cluster)[0]);
});

Deno.test("nobody is stopped twice for the same slot while room is being made", () => {
  const cluster = full(2, takes("batch", 2, { cpu: 4, priority: 20 }));
  cluster.put(takes("web", 2, { cpu: 2, priority: 80 }));
  cluster.step();
  assertEquals(cluster.story, ["stop batch.0 on n1: makes room for web.0, whose priority is 80 against 20"]);
  assertEquals(cluster.step(), 0, "both fit in what the first one leaves");
  assertEquals(waits(cluster).slice(0, 2), ["web.0: room is being made on n1", "web.1: room is being made on n1"]);
  cluster.settle();
  assertEquals([cluster.placesOf("web"), cluster.placesOf("batch")], [["n1", "n1"], ["n2"]]);
});

Deno.test("the least has to go: the least important, and of those as few as can be", () => {
  const cluster = full(
    3,
    takes("a", 1, { cpu: 4, priority: 40, placement: { constraints: ["node.name == n1"] } }),
    takes("b", 4, { cpu: 1, priority: 20, placement: { constraints: ["node.name == n2"] } }),
    takes("c", 2, { cpu: 2, priority: 20, placement: { constraints: ["node.name == n3"] } }),
  );
  cluster.put(takes("web", 1, { cpu: 2, priority: 60 }));
  cluster.step();
  assertEquals(cluster.story, ["stop c.1 on n3: makes room for web.0, whose priority is 60 against 20"]);
});

Deno.test("who was taken on the way to a larger one is spared", () => {
  const cluster = full(
    1,
    takes("small", 1, { cpu: 0.5, priority: 10 }),
    takes("large", 1, { cpu: 3.5, priority: 20 }),
  );
  cluster.put(takes("web", 1, { cpu: 3, priority: 60 }));
  cluster.step();
  assertEquals(cluster.story, ["stop large.0 on n1: makes room for web.0, whose priority is 60 against 20"]);
});

Deno.test("nothing ends for what is hardly more important, nor what keeps data, nor what is exclusive", () => {
  const kinds: SpecFields[] = [
    { priority: 50 },
    { priority: 10, data: { per_slot: true } },
    { priority: 10, on_isolation: { stop_after: "15s" } },
  ];
  for (const kind of kinds) {
    const cluster = full(1, takes("other", 1, { cpu: 4, ...kind }));
    cluster.put(takes("web", 1, { cpu: 2, priority: 59 }));
    cluster.settle();
    assertEquals(cluster.story, [], JSON.stringify(kind));
  }
});

Deno.test("nothing ends where that would not help: other obstacles, a need that no node can meet", () => {
  const cluster = full(1, takes("batch", 1, { cpu: 4, priority: 10 }));
  cluster.put(
    takes("web", 1, { cpu: 2, priority: 90, placement: { constraints: ["zone == a"] } }),
    takes("huge", 1, { cpu: 5, priority: 90 }),
    takes("beside", 1, { cpu: 1, priority: 90, placement: { constraints: ["service == batch"] } }),
  );
  cluster.settle();
  assertEquals(cluster.story, []);
});

Deno.test("nothing ends for others while most nodes are lost", () => {
  const cluster = full(3, takes("batch", 3, { cpu: 4, priority: 10 }));
  cluster.lose("n2", "n3");
  cluster.settle();
  cluster.story.length = 0;
  cluster.put(takes("web", 1, { cpu: 2, priority: 90 }));
  cluster.settle();
  assertEquals(cluster.story, []);
});

Deno.test("the replica of a lost node finds room at the cost of a less important one", () => {
  const cluster = full(
    3,
    takes("web", 1, { cpu: 4, priority: 80, placement: { constraints: ["node.name != n3"] } }),
    takes("batch", 2, { cpu: 4, priority: 10 }),
  );
  const [at] = cluster.placesOf("web");
  cluster.lose(at!);
  cluster.settle();
  assertEquals(cluster.ready("web"), 1);
  assertEquals(cluster.ready("batch"), 1);
});

Deno.test("what is freed goes to the more important one, whatever it is called", () => {
  const cluster = full(1, takes("old", 1, { cpu: 4, priority: 90 }));
  cluster.put(takes("aaa", 1, { cpu: 4, priority: 10 }), takes("zzz", 1, { cpu: 4, priority: 20 }));
  cluster.settle();
  cluster.put({ ...takes("old", 0, { cpu: 4, priority: 90 }) });
  cluster.settle();
  assertEquals([cluster.ready("zzz"), cluster.ready("aaa")], [1, 0]);
});

Deno.test("nobody ever ends for an equal or less important one, and it comes to an end", () => {
  const one = fc.record({
    cpu: fc.integer({ min: 1, max: 4 }),
    desired: fc.integer({ min: 1, max: 4 }),
    priority: fc.constantFrom(0, 5, 10, 50, 60, 100),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: 2, maxLength: 6 }), fc.integer({ min: 1, max: 3 }), (given, nodes) => {
      const cluster = LittleCluster.of(nodes);
      given.forEach(({ desired, ...fields }, at) => {
        cluster.put(takes(`s${at}`, desired, fields));
        cluster.settle();
      });
      for (const line of cluster.story) {
        const [, own, other] = /whose priority is (\d+) against (\d+)/.exec(line) ?? [];
        if (own !== undefined) assertEquals(Number(own) - Number(other) >= 10, true, line);
      }
      assertEquals(cluster.plan().actions, []);
    }),
  );
});
