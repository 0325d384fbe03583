import { assertEquals } from "@std/assert";
import { nextGeneration } from "../../lib/cluster/service_record.ts";
import { release } from "../../lib/controller/change/release.ts";
import { observation, service, type SpecFields, specNamed, wallAt } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";
import { generationsOf, phaseOf, rollOut, servingOf, waitsOf, WEB, web } from "../support/rollouts.ts";

const KEEPS: SpecFields = { data: { per_slot: true } };
const FIXED: SpecFields = { ports: { pg: 5_432 } };

function running(nodes: number, fields: SpecFields): LittleCluster {
  const cluster = LittleCluster.of(nodes, service("db", nodes, fields));
  cluster.settle();
  cluster.story.length = 0;
  return cluster;
}

/** A new generation without a rollout of its own, as stores of before there were any have it. */
function renew(cluster: LittleCluster, fields: SpecFields): void {
  const { record } = cluster.state.services.get("db")!;
  const spec = specNamed("db", { ...fields, env: { RELEASE: String(record.generation) } });
  cluster.put({ ...nextGeneration(record, spec), desired: record.desired });
}

for (const [what, fields] of Object.entries({ "keep data": KEEPS, "have a fixed port": FIXED })) {
  Deno.test(`replicas that ${what} are renewed one after the other, each where it was`, () => {
    const cluster = running(2, fields);
    renew(cluster, fields);
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
  renew(cluster, KEEPS);
  for (let round = 0; round < 6; round++) {
    cluster.step();
    cluster.obey();
    for (const { record } of others) cluster.observe(observation(record), record.node);
  }
  assertEquals(cluster.replicas("db").map(({ record }) => record.generation), [2, 1, 1]);
  assertEquals(waitsOf(cluster), ["1: generation 2 takes over with 0 beside and 1 missing at most: 2 of 3 are well"]);
  cluster.neverReady.clear();
  // Until then it is not ready, and so the first to be replaced.
  cluster.observe(observation(cluster.replicas("db")[0]!.record, { ready: false }), cluster.node("n1").record.id);
  renew(cluster, KEEPS);
  assertEquals(cluster.settle()[0], "stop db.0 on n1: generation 3 replaces 2");
  assertEquals(cluster.replicas("db").map(({ record }) => record.generation), [3, 3, 3]);
});

Deno.test("what begins to keep data is renewed in turn as well", () => {
  const cluster = running(2, {});
  renew(cluster, KEEPS);
  const story = cluster.settle();
  assertEquals(story.filter((line) => line.startsWith("succeed")), []);
  assertEquals(cluster.state.services.get("db")?.homes.size, 2);
});

Deno.test("a release goes slot by slot, beside what it replaces, and each new replica has to stay ready for a while", () => {
  const cluster = web(2, WEB, 2);
  rollOut(cluster, WEB);
  assertEquals(cluster.settle(), ["succeed web.0 on n1: generation 2 replaces 1"]);
  assertEquals(cluster.plan().wakeMs, cluster.nowMs + 5_000);
  cluster.nowMs += 4_999;
  assertEquals(cluster.settle(), []);
  cluster.nowMs += 1;
  assertEquals(cluster.settle(), [
    "stop web.0 on n1: web.0 is ready on n1 and takes over",
    "forget web.0 on n1: it has stopped",
    "succeed web.1 on n2: generation 2 replaces 1",
  ]);
  assertEquals(phaseOf(cluster), "rolling");
  cluster.settleInTime();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[2, 2], "done"]);
  assertEquals(cluster.story.at(-1), "done web: 2 of 2 run generation 2");
  assertEquals(cluster.plan().actions, []);
});

Deno.test("a surge and what may be missing bound what is done at once, as numbers and as shares", () => {
  const shares = web(10, { update: { max_surge: "25%", max_unavailable: 0, min_healthy: "0s" } }, 5);
  rollOut(shares, { update: { max_surge: "25%", max_unavailable: 0, min_healthy: "0s" } });
  shares.step();
  assertEquals(shares.story.length, 3);
  assertEquals(shares.story.every((line) => line.startsWith("succeed")), true);

  const both: SpecFields = { update: { max_surge: 1, max_unavailable: 2, min_healthy: "0s" } };
  const mixed = web(6, both);
  rollOut(mixed, both);
  mixed.step();
  assertEquals(mixed.story.map((line) => line.split(" ")[0]), ["succeed", "stop", "stop"]);
  mixed.settleInTime();
  assertEquals([new Set(generationsOf(mixed)), phaseOf(mixed)], [new Set([2]), "done"]);

  const none: SpecFields = { update: { max_surge: 0, max_unavailable: 1, min_healthy: "0s" } };
  const inTurn = web(3, none);
  rollOut(inTurn, none);
  inTurn.step();
  assertEquals(inTurn.story, ["stop web.0 on n1: generation 2 replaces 1"]);
  inTurn.settleInTime();
  assertEquals([generationsOf(inTurn), phaseOf(inTurn)], [[2, 2, 2], "done"]);
});

Deno.test("what an update takes away is beside what goes for another reason in the same moment", () => {
  const turns: SpecFields = { ...KEEPS, update: { max_unavailable: 1, min_healthy: "0s" } };
  const cluster = web(3, turns);
  rollOut(cluster, turns);
  cluster.tell({ kind: "leaving", node: cluster.node("n3").record.id });
  cluster.step();
  assertEquals(cluster.story, ["stop web.2 on n3: node n3 is leaving, and its data stays there"]);
});

Deno.test("where a surge finds no room, what may be missing is used, as far as the new one fits where the former was", () => {
  const tight: SpecFields = {
    update: { max_surge: 1, max_unavailable: 1, min_healthy: "5s" },
    placement: { max_per_node: 1 },
  };
  const cluster = web(3, tight);
  rollOut(cluster, tight);
  cluster.step();
  assertEquals(cluster.story, ["stop web.0 on n1: generation 2 replaces 1, and there is no room beside it"]);
  cluster.settleInTime();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[2, 2, 2], "done"]);

  const hopeless = web(3, tight);
  rollOut(hopeless, { ...tight, resources: { memory: 1_000_000 } });
  assertEquals(hopeless.settle(), []);
});

Deno.test("what may change under a running process takes no new one", () => {
  const cluster = web(2);
  const { record } = cluster.state.services.get("web")!;
  const spec = { ...record.spec, replicas: 2, stop: { ...record.spec.stop, timeout: "3s" } };
  cluster.commit(release(cluster.state, spec, { at: wallAt(0), by: "ada", cause: "release" }).changes);
  assertEquals(cluster.settleInTime(), ["done web: 2 of 2 run generation 2"]);
  assertEquals(generationsOf(cluster), [1, 1]);
  assertEquals(cluster.state.ordersChanged.size > 0, true);
});

Deno.test("a restart goes one by one, and waits for nothing but readiness", () => {
  const wide: SpecFields = { update: { max_surge: 3, min_healthy: "60s" } };
  const cluster = web(3, wide);
  rollOut(cluster, wide, "restart");
  cluster.step();
  assertEquals(cluster.story, ["succeed web.0 on n1: generation 2 replaces 1"]);
  cluster.settle();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[2, 2, 2], "done"]);
});

Deno.test("a paused rollout lets what has begun end and goes no further, and its deadline stands still", () => {
  const cluster = web(3);
  rollOut(cluster, WEB);
  cluster.settle();
  const { record } = cluster.state.services.get("web")!.rollout!;
  cluster.put({ ...record, paused: true });
  cluster.nowMs += 3_600_000;
  cluster.settleInTime();
  assertEquals(generationsOf(cluster), [2, 1, 1]);
  assertEquals(waitsOf(cluster), ["1: the update to generation 2 is paused"]);
  cluster.put({ ...record, paused: false });
  cluster.settleInTime();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[2, 2, 2], "done"]);
});

Deno.test("canaries stay beside what they may replace until they are promoted", () => {
  const fields: SpecFields = { update: { canary: 2, min_healthy: "5s" } };
  const cluster = web(3, fields);
  rollOut(cluster, fields);
  cluster.settleInTime();
  assertEquals(generationsOf(cluster), [1, 2, 1, 2, 1]);
  assertEquals(servingOf(cluster).length, 5);
  assertEquals(waitsOf(cluster), ["0: 2 of generation 2 are well: promote it, or roll back"]);
  cluster.nowMs += 3_600_000;
  cluster.settleInTime();
  assertEquals(phaseOf(cluster), "canary", "who is to promote it may take their time");
  const { record } = cluster.state.services.get("web")!.rollout!;
  cluster.put({ ...record, phase: "rolling" });
  cluster.settleInTime();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[2, 2, 2], "done"]);
});

Deno.test("a green set gets requests all at once when it is promoted, and the blue one none any more", () => {
  const fields: SpecFields = { update: { strategy: "blue_green", min_healthy: "5s" } };
  const cluster = web(3, fields);
  rollOut(cluster, fields);
  cluster.settleInTime();
  assertEquals(generationsOf(cluster).length, 6);
  assertEquals(servingOf(cluster), [1, 1, 1]);
  const { record } = cluster.state.services.get("web")!.rollout!;
  cluster.put({ ...record, phase: "rolling" });
  cluster.step();
  assertEquals(cluster.story.slice(-3).map((line) => line.split(" ")[0]), ["stop", "stop", "stop"]);
  assertEquals(servingOf(cluster), [2, 2, 2]);
  cluster.settleInTime();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[2, 2, 2], "done"]);
});

Deno.test("what is promoted by itself is so once it is well", () => {
  const fields: SpecFields = { update: { strategy: "blue_green", auto_promote: true } };
  const cluster = web(2, fields);
  rollOut(cluster, fields);
  cluster.settleInTime();
  assertEquals([generationsOf(cluster), phaseOf(cluster)], [[2, 2], "done"]);
  assertEquals(cluster.story.includes("promote web: 2 of generation 2 are well"), true);
});

Deno.test("of several empty slots that take turns no more than the canaries get what is tried", () => {
  const fields: SpecFields = { ...KEEPS, update: { canary: 1, min_healthy: "5s" } };
  const cluster = web(1, fields);
  rollOut(cluster, fields);
  const { record } = cluster.state.services.get("web")!;
  cluster.put({ ...record, desired: 4 });
  cluster.settle();
  assertEquals(generationsOf(cluster).filter((generation) => generation === 2).length, 1);
  assertEquals(generationsOf(cluster).length, 4);
});

Deno.test("requests go to one generation alone, also in the moment after a green set was promoted", () => {
  const fields: SpecFields = { update: { strategy: "blue_green", auto_promote: true, min_healthy: "0s" } };
  const cluster = web(2, fields);
  rollOut(cluster, fields);
  const served = new Set<string>();
  for (let round = 0; round < 12 && phaseOf(cluster) !== "done"; round++) {
    cluster.step();
    served.add(servingOf(cluster).join(" "));
    cluster.obey();
    served.add(servingOf(cluster).join(" "));
  }
  assertEquals([...served], ["1 1", "2 2"]);
});
