import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { isHeldBack } from "../../lib/cluster/blue_green.ts";
import { remove } from "../../lib/cluster/record.ts";
import type { ServiceState } from "../../lib/cluster/state.ts";
import { plan } from "../../lib/plan/plan.ts";
import { budgetFor } from "../../lib/plan/progress.ts";
import { node, service } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";
import { event, foundedCluster, mend, type Move, moves, play } from "../support/random_events.ts";

const RUNS = { numRuns: 300, seed: 2 };

function lived(life: Move[]): LittleCluster {
  const cluster = foundedCluster();
  for (const move of life) play(cluster, move);
  return cluster;
}

Deno.test("plan() says nothing of an empty cluster, and nothing of one without services", () => {
  assertEquals(new LittleCluster().plan(), { actions: [], waits: [], wakeMs: undefined });
  assertEquals(LittleCluster.of(3).plan(), { actions: [], waits: [], wakeMs: undefined });
});

Deno.test("plan() decides nothing after a start until every node was heard or is lost", () => {
  const cluster = new LittleCluster();
  const records = [node(1), node(2), node(3, { lost: true }), service("web", 1)];
  const snapshot = { cluster: "c", epoch: 2, revision: 9, records: records.map((record) => ({ record, revision: 1 })) };
  cluster.tell({ kind: "loaded", snapshot });
  cluster.hear("n1");
  cluster.tell({ kind: "snapshot", node: cluster.node("n1").record.id, replicas: [] });
  assertEquals(cluster.plan().actions, [], "n2 may run the replica");
  // A probe alone says nothing of what runs there.
  cluster.hear("n2");
  assertEquals(cluster.plan().actions, []);
  cluster.tell({ kind: "missed", node: cluster.node("n2").record.id });
  assertEquals(cluster.plan().actions, []);
  assertEquals(
    plan(cluster.state, cluster.plan().wakeMs!).actions.length,
    1,
    "a node that never says must not stop all",
  );
  cluster.lose("n2");
  assertEquals(cluster.plan().actions.map((action) => cluster.inWords(action)), [
    "start web.0 on n1: 0 of 1 placed",
    "mark n2 lost, 1: lost: missed probes",
  ]);
});

Deno.test("plan() fills all missing slots at once, the lowest first", () => {
  const cluster = LittleCluster.of(2, service("web", 3));
  assertEquals(cluster.settle(), [
    "start web.0 on n1: 0 of 3 placed",
    "start web.1 on n2: 0 of 3 placed",
    "start web.2 on n1: 0 of 3 placed",
  ]);
});

Deno.test("plan() says once per service why a slot cannot be filled", () => {
  const cluster = LittleCluster.of(1, service("web", 4, { placement: { max_per_node: 2 } }));
  assertEquals(cluster.settle().length, 2);
  assertEquals(cluster.plan().waits, [
    {
      service: "web",
      slot: 2,
      reason: "no node has room: n1: has 2 already, which is max_per_node",
      kind: "blocked",
    },
  ]);
});

Deno.test("plan() takes the youngest slots first when it scales down, and keeps the oldest replicas", () => {
  const cluster = LittleCluster.of(2, service("web", 4));
  cluster.settle();
  const oldest = cluster.replicas("web").slice(0, 2).map(({ record }) => record.id);
  cluster.put(service("web", 2));
  assertEquals(cluster.settle(), [
    "stop web.3 on n2: scaled to 2",
    "stop web.2 on n1: scaled to 2",
    "forget web.3 on n2: it has stopped",
    "forget web.2 on n1: it has stopped",
  ]);
  assertEquals(cluster.replicas("web").map(({ record }) => record.id), oldest);
});

Deno.test("plan() drops a removed service once its last replica has stopped", () => {
  const cluster = LittleCluster.of(1, service("web", 2));
  cluster.settle();
  cluster.put({ ...service("web", 2), removed: true });
  assertEquals(cluster.settle(), [
    "stop web.1 on n1: the service is removed",
    "stop web.0 on n1: the service is removed",
    "forget web.1 on n1: it has stopped",
    "forget web.0 on n1: it has stopped",
    "drop web: its last replica has stopped",
  ]);
});

Deno.test("plan() forgives a node's losses once it was ready for long enough, and wakes for that", () => {
  const cluster = LittleCluster.of(1);
  cluster.lose("n1");
  assertEquals(cluster.settle(), ["mark n1 lost, 1: lost: missed probes"]);
  cluster.nowMs += 60_000;
  cluster.hear("n1");
  assertEquals(cluster.settle(), ["mark n1 back, 1: heard again"]);
  const { wakeMs } = cluster.plan();
  assertEquals(wakeMs, cluster.nowMs + 600_000);
  cluster.nowMs = wakeMs ?? 0;
  assertEquals(cluster.settle(), ["mark n1 back, 0: stayed ready since"]);
  assertEquals(cluster.plan(), { actions: [], waits: [], wakeMs: undefined });
});

Deno.test("plan() counts no loss of a node that said goodbye", () => {
  const cluster = LittleCluster.of(1);
  cluster.tell({ kind: "goodbye", node: cluster.node("n1").record.id, replicas: "drained" });
  assertEquals(cluster.settle(), ["mark n1 lost, 0: lost: goodbye"]);
});

Deno.test("plan() forgets what a removed node carried and fills its slots elsewhere in the same step", () => {
  const cluster = LittleCluster.of(2, service("web", 2));
  cluster.settle();
  cluster.commit([remove(cluster.node("n2").record)]);
  assertEquals(cluster.settle(), [
    "forget web.1 on a removed node: its node was removed",
    "start web.1 on n1: its node was removed",
  ]);
});

Deno.test("plan() forgets a withdrawn replica once it has stopped or its node is lost, and not before", () => {
  const cluster = LittleCluster.of(3, service("web", 2));
  cluster.settle();
  cluster.put(service("web", 0));
  cluster.step();
  assertEquals(cluster.plan().actions, [], "both still run");
  cluster.lose("n1");
  assertEquals(cluster.plan().actions.map((action) => cluster.inWords(action)), [
    "forget web.0 on n1: its node is lost",
    "mark n1 lost, 1: lost: missed probes",
  ]);
});

Deno.test("apply() and plan() are total: no events whatever make them throw", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.nat(5_000)), { maxLength: 40, size: "max" }), (events) => {
      const cluster = new LittleCluster();
      for (const [one, passedMs] of events) {
        cluster.nowMs += passedMs;
        cluster.tell(one);
        cluster.plan();
      }
    }),
    { numRuns: 500, seed: 3 },
  );
});

Deno.test("plan() says the same when asked twice, and changes nothing", () => {
  fc.assert(
    fc.property(moves, (life) => {
      const cluster = lived(life);
      const before = Deno.inspect(cluster.state, { depth: 10, iterableLimit: 1_000 });
      assertEquals(cluster.plan(), cluster.plan());
      assertEquals(Deno.inspect(cluster.state, { depth: 10, iterableLimit: 1_000 }), before);
    }),
    { ...RUNS, numRuns: 100 },
  );
});

Deno.test("plan() decides the same in every life with the same events", () => {
  fc.assert(
    fc.property(moves, (life) => {
      const [one, other] = [lived(life), lived(life)];
      assertEquals(one.story, other.story);
      assertEquals(one.plan(), other.plan());
    }),
    { ...RUNS, numRuns: 100 },
  );
});

Deno.test("plan() gets every mended cluster to what is desired, and then plans nothing", () => {
  fc.assert(
    fc.property(moves, (life) => {
      const cluster = lived(life);
      mend(cluster);
      cluster.settle();
      for (let wait = 0; wait < 3; wait++) {
        cluster.nowMs += 400_000;
        cluster.settle();
      }
      const { actions, waits } = cluster.plan();
      assertEquals(actions, []);
      for (const { record, slots, ready } of cluster.state.services.values()) {
        const waiting = waits.some((wait) => wait.service === record.name);
        assert(waiting || ready === record.desired, `${record.name}: ${ready} of ${record.desired} ready`);
        for (const [slot, ids] of slots) assertLessOrEqual(ids.length, waiting ? 2 : 1, `${record.name}.${slot}`);
      }
    }),
    RUNS,
  );
});

Deno.test("plan() never wants more than one replica that stays and one successor in a slot", () => {
  fc.assert(
    fc.property(moves, (life) => {
      const cluster = foundedCluster();
      for (const move of life) {
        play(cluster, move);
        for (const { record, slots } of cluster.state.services.values()) {
          for (const [slot, ids] of slots) {
            const replicas = ids.flatMap((id) => cluster.state.replicas.get(id) ?? []);
            const staying = replicas.filter((replica) => !replica.record.draining);
            const successors = staying.filter(({ record: { successor_of: predecessor } }) =>
              staying.some((other) => other.record.id === predecessor)
            );
            assertLessOrEqual(staying.length - successors.length, 1, `${record.name}.${slot} has two that stay`);
            assertLessOrEqual(successors.length, 1, `${record.name}.${slot} has two successors`);
          }
        }
      }
    }),
    RUNS,
  );
});

Deno.test("plan() stops no more ready replicas than may be missing, but for scale, removal and agents that leave", () => {
  fc.assert(
    fc.property(moves, (life) => {
      const cluster = foundedCluster();
      for (const move of life) {
        play(cluster, move);
        const { actions } = cluster.plan();
        const ended = actions.flatMap((one) => (one.kind === "stop" || one.kind === "forget" ? [one.replica] : []));
        assertEquals(new Set(ended).size, ended.length, "what is forgotten must not be stopped on top of it");
        const stopped = new Set(actions.flatMap((one) => (one.kind === "stop" ? [one.replica] : [])));
        for (const service of cluster.state.services.values()) notTooFew(cluster, { service, stopped });
      }
    }),
    RUNS,
  );
});

function notTooFew(
  { state }: LittleCluster,
  { service, stopped }: { service: ServiceState; stopped: ReadonlySet<string> },
): void {
  const { record, slots } = service;
  if (record.removed) return;
  const readySlots = (counts: (id: string) => boolean) =>
    Array.from({ length: record.desired }, (_, slot) => slots.get(slot) ?? [])
      .filter((ids) => ids.some((id) => counts(id))).length;
  const isReady = (id: string) => {
    const replica = state.replicas.get(id);
    return replica?.observed?.ready === true && !isHeldBack(state, service, replica.record);
  };
  // An agent that leaves stops in any case.
  const isLeaving = (id: string) => state.nodes.get(state.replicas.get(id)?.record.node ?? "")?.leaving !== false;
  const before = readySlots((id) => isReady(id));
  const after = readySlots((id) => isReady(id) && (!stopped.has(id) || isLeaving(id)));
  const { unavailable } = budgetFor(service);
  assert(after >= Math.min(before, record.desired - unavailable), `${record.name}: ${before} before, ${after} after`);
}
