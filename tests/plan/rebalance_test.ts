import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { nextGeneration } from "../../lib/cluster/service_record.ts";
import { explainBalance } from "../../lib/plan/rebalance.ts";
import { crashed, node, service, type SpecFields } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

const AFTER_MS = 60_000;

/** A settled cluster in which nothing is moved before it was where it is for a minute. */
function running(nodes: number, ...services: ReturnType<typeof service>[]): LittleCluster {
  const cluster = LittleCluster.of(nodes, ...services);
  const able = { features: ["isolation"] };
  cluster.put(...cluster.state.nodesByName.map(({ record }) => ({ ...record, ...able })));
  cluster.state.placing = { ...cluster.state.placing, rebalanceAfterMs: AFTER_MS };
  cluster.settle();
  cluster.nowMs += 2 * AFTER_MS;
  cluster.settle();
  cluster.story.length = 0;
  return cluster;
}

function join(cluster: LittleCluster, n: number, fields = {}): void {
  cluster.put(node(n, { features: ["isolation"], ...fields }));
  cluster.hear(`n${n}`);
}

const counts = (cluster: LittleCluster, name: string) =>
  cluster.state.nodesByName.map(({ perService }) => perService.get(name) ?? 0);

Deno.test("a new node gets its share, one replica of a service at a time, each ready before the former one ends", () => {
  const cluster = running(2, service("web", 6));
  join(cluster, 3);
  assertEquals(cluster.settle(), [], "it has to be ready for a while");
  assertEquals(cluster.plan().wakeMs, cluster.nowMs + 30_000);
  cluster.nowMs += 30_000;
  assertEquals(cluster.step(), 1);
  assertEquals(cluster.step(), 0, "one at a time");
  assertEquals(cluster.settle(), [
    "stop web.4 on n1: web.4 is ready on n3 and takes over",
    "forget web.4 on n1: it has stopped",
    "succeed web.5 on n3: evens out: n2 has 3 of web and n3 has 1",
    "stop web.5 on n2: web.5 is ready on n3 and takes over",
    "forget web.5 on n2: it has stopped",
  ]);
  assertEquals(counts(cluster, "web"), [2, 2, 2]);
  assertEquals(cluster.story[0], "succeed web.4 on n3: evens out: n1 has 3 of web and n3 has 0");
  assertEquals(cluster.plan().wakeMs, undefined, "and then there is nothing to look at any more");
});

Deno.test("two services move at once, and no third", () => {
  const cluster = running(1, ...["a", "b", "c"].map((name) => service(name, 2)));
  join(cluster, 2);
  cluster.nowMs += 30_000;
  assertEquals(cluster.step(), 2);
  cluster.settle();
  assertEquals(["a", "b", "c"].map((name) => counts(cluster, name)), [[1, 1], [1, 1], [1, 1]]);
});

Deno.test("nothing is moved before it was where it is for long enough", () => {
  const cluster = running(2, service("web", 6));
  cluster.put(service("api", 4));
  cluster.settle();
  cluster.story.length = 0;
  join(cluster, 3);
  cluster.nowMs += 30_000;
  cluster.settle();
  assertEquals([counts(cluster, "web"), counts(cluster, "api")], [[2, 2, 2], [2, 2, 0]]);
  cluster.settleInTime();
  assertEquals([counts(cluster, "web"), counts(cluster, "api")], [[2, 2, 2], [1, 2, 1]]);
});

Deno.test("a node that returns or is activated gets its share again", () => {
  const cluster = running(3, service("web", 6));
  cluster.lose("n3");
  cluster.settle();
  cluster.hear("n3");
  cluster.settleInTime();
  assertEquals(counts(cluster, "web"), [2, 2, 2]);
  cluster.put({ ...cluster.node("n2").record, draining: true });
  cluster.settle();
  assertEquals(counts(cluster, "web"), [3, 0, 3]);
  cluster.put({ ...cluster.node("n2").record, draining: false });
  cluster.settleInTime();
  assertEquals(counts(cluster, "web"), [2, 2, 2]);
});

Deno.test("a node in hold-down gets nothing before that is over", () => {
  const cluster = running(2, service("web", 4));
  join(cluster, 3, { losses: 4 });
  cluster.nowMs += 119_999;
  cluster.settle();
  assertEquals(counts(cluster, "web"), [2, 2, 0]);
  cluster.nowMs += 1;
  cluster.settle();
  assertEquals(counts(cluster, "web"), [1, 2, 1]);
});

Deno.test("a service about which something is to be decided is left alone, and keeps no other from being evened out", () => {
  const cluster = running(2, service("web", 6), service("api", 4));
  cluster.put({ ...cluster.state.services.get("api")!.record, desired: 5 });
  cluster.neverReady.add("api");
  cluster.put(service("huge", 1, { resources: { cpu: 99 } }));
  join(cluster, 3);
  // As if one of its slots fitted nowhere.
  const { record } = cluster.state.services.get("api")!;
  cluster.put({ ...record, spec: { ...record.spec, resources: { cpu: 99, memory: 0 } } });
  cluster.settleInTime();
  assertEquals([counts(cluster, "web"), counts(cluster, "api")], [[2, 2, 2], [2, 2, 0]]);
  cluster.neverReady.clear();
  cluster.put(record);
  cluster.settleInTime();
  assertEquals(counts(cluster, "api").toSorted(), [1, 2, 2], "its turn comes once that is decided");
});

Deno.test("nothing more is moved before what is being moved has come to its end", () => {
  const cluster = running(1, ...["a", "b", "c"].map((name) => service(name, 2)));
  join(cluster, 2);
  cluster.nowMs += 30_000;
  cluster.step();
  cluster.neverReady.add("b");
  cluster.settle();
  assertEquals(["a", "b", "c"].map((name) => counts(cluster, name)), [[1, 1], [2, 1], [2, 0]]);
});

Deno.test("a move is given up as well where what runs is of a generation as good as the present one", () => {
  const cluster = running(1, service("web", 4));
  const { record } = cluster.state.services.get("web")!;
  const alike = nextGeneration(record, { ...record.spec, priority: 60 });
  cluster.put({ ...alike, desired: 4 });
  cluster.settle();
  join(cluster, 2);
  cluster.nowMs += 30_000;
  cluster.step();
  const successor = cluster.replicas("web").find(({ record }) => record.successor_of !== null)!;
  cluster.observe(crashed(successor.record, 9), successor.record.node);
  cluster.step();
  cluster.settleInTime();
  assertEquals(counts(cluster, "web"), [4, 0]);
});

Deno.test("a move that ends for another reason than its own keeps nothing from being evened out", () => {
  const cluster = running(1, service("a", 4), service("b", 6));
  join(cluster, 2);
  cluster.nowMs += 30_000;
  assertEquals(cluster.step(), 2);
  cluster.put({ ...cluster.state.services.get("a")!.record, desired: 2 });
  cluster.settleInTime();
  assertEquals([counts(cluster, "a"), counts(cluster, "b")], [[1, 1], [3, 3]]);
});

Deno.test("nothing is moved that keeps data, has a port of its own, is sticky or packed", () => {
  const kinds: SpecFields[] = [
    { data: { per_slot: true } },
    { placement: { sticky: true } },
    { placement: { strategy: "binpack" } },
    { placement: { constraints: ["node.name != n2"] } },
    { on_isolation: { stop_after: "15s" } },
  ];
  for (const kind of kinds) {
    const cluster = running(1, service("web", 4, kind));
    join(cluster, 2);
    cluster.settleInTime();
    assertEquals(counts(cluster, "web"), [4, 0], JSON.stringify(kind));
  }
});

Deno.test("nothing is moved for a gain below the threshold", () => {
  const cluster = running(2, service("web", 2));
  join(cluster, 3);
  assertEquals(cluster.settleInTime(), []);
});

Deno.test("a value of the label that has two replicas less comes first", () => {
  const cluster = new LittleCluster();
  const at = (zone: string) => ({ labels: { zone } });
  cluster.put(node(1, at("a")), node(2, at("a")), service("web", 4, { placement: { spread_by: "zone" } }));
  for (const name of ["n1", "n2"]) cluster.hear(name);
  cluster.state.placing = { ...cluster.state.placing, rebalanceAfterMs: AFTER_MS };
  cluster.settleInTime();
  cluster.story.length = 0;
  join(cluster, 3, at("b"));
  cluster.settleInTime();
  assertEquals(counts(cluster, "web"), [1, 1, 2]);
  assertEquals(cluster.story[0], "succeed web.2 on n3: evens out: 4 of web are at zone a and 0 at zone b");
});

Deno.test("a node that is clearly less loaded gets something although each service is spread", () => {
  const services = ["a", "b", "c"].map((name) => service(name, 1, { resources: { cpu: 1 } }));
  const cluster = running(1, ...services);
  join(cluster, 2);
  cluster.settleInTime();
  assertEquals(cluster.story[0], "succeed a.0 on n2: evens out: n1 is loaded to 75 % and n2 to 0 %");
  const loads = cluster.state.nodesByName.map(({ reserved }) => reserved.cpu).sort();
  assertEquals(loads, [1, 2]);
});

Deno.test("a move whose replica never gets ready is given up, and not tried over and over", () => {
  const cluster = running(1, service("web", 4));
  join(cluster, 2);
  cluster.nowMs += 30_000;
  cluster.step();
  const successor = cluster.replicas("web").find(({ record }) => record.successor_of !== null);
  cluster.observe(crashed(successor!.record, 9), successor!.record.node);
  cluster.step();
  cluster.settleInTime();
  assertEquals(cluster.story.slice(1), [
    "stop web.3 on n2: crashed 9 times on n2: the one on n1 stays",
    "forget web.3 on n2: it has stopped",
  ]);
  assertEquals(counts(cluster, "web"), [4, 0]);
});

Deno.test("where it is off nothing is moved, until the operator asks for it", () => {
  const cluster = running(2, service("web", 6));
  cluster.state.placing = { ...cluster.state.placing, rebalanceAfterMs: undefined };
  join(cluster, 3);
  cluster.settleInTime();
  assertEquals(cluster.story, []);
  cluster.put(service("web", 7));
  cluster.settle();
  cluster.tell({ kind: "rebalance_asked" });
  cluster.settleInTime();
  assertEquals(counts(cluster, "web").toSorted(), [2, 2, 3]);
});

Deno.test("explainBalance() tells in advance what is then done", () => {
  const cluster = running(2, service("web", 6), service("api", 4));
  join(cluster, 3);
  cluster.nowMs += 30_000;
  const moves = explainBalance(cluster.state, cluster.nowMs);
  const told = moves.map(({ replica: { record }, to, reason }) =>
    `succeed ${record.service}.${record.slot} on ${to.record.name}: evens out: ${reason}`
  );
  cluster.settle();
  assertEquals(cluster.story.filter((line) => line.startsWith("succeed")), told);
  assertEquals(moves.map(({ gain }) => gain), [1, 2, 1]);
  assertEquals(explainBalance(cluster.state, cluster.nowMs), []);
});

const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);

/** How far a service is from even: the sum of the squares of what each node has of it. */
const unevenness = (has: number[]) => sum(has.map((count) => count * count));

Deno.test("evening out comes to an end, never makes a service less even, and doesn't go back and forth", () => {
  const one = fc.record({
    desired: fc.integer({ min: 0, max: 8 }),
    cpu: fc.constantFrom(0, 0.25, 0.5),
    label: fc.option(fc.constant("zone"), { nil: undefined }),
  });
  const zones = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 4 }), zones, (given, more) => {
      const services = given.map(({ desired, cpu, label }, at) =>
        service(`s${at}`, desired, { resources: { cpu }, placement: { spread_by: label } } as SpecFields)
      );
      const cluster = running(2, ...services);
      const before = services.map(({ name }) => counts(cluster, name));
      more.forEach((zone, at) => join(cluster, at + 3, { labels: { zone } }));
      cluster.settleInTime();
      given.forEach(({ label }, at) => {
        const now = counts(cluster, `s${at}`);
        // What had no place before is placed where there is room.
        if (label !== undefined || sum(now) > sum(before[at]!)) return;
        assertEquals(unevenness(now) <= unevenness(before[at]!), true);
      });
      cluster.tell({ kind: "rebalance_asked" });
      cluster.settleInTime();
      cluster.story.length = 0;
      cluster.tell({ kind: "rebalance_asked" });
      assertEquals(cluster.settleInTime(), [], "what is even stays as it is");
    }),
    { numRuns: 300, seed: 1 },
  );
});
