import { assert, assertEquals } from "@std/assert";
import { remove } from "../../lib/cluster/record.ts";
import { nextGeneration } from "../../lib/cluster/service_record.ts";
import { crashed, service, specNamed } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

function running(nodes: number, desired: number, fields = {}): LittleCluster {
  const cluster = LittleCluster.of(nodes, service("web", desired, fields));
  cluster.settle();
  cluster.story.length = 0;
  return cluster;
}

function release(cluster: LittleCluster): void {
  const { record } = cluster.state.services.get("web")!;
  const spec = specNamed("web", { env: { RELEASE: String(record.generation) } });
  cluster.put({ ...nextGeneration(record, spec), desired: record.desired });
}

/** The actions that concern replicas, as they are planned now. */
function decisions(cluster: LittleCluster): string[] {
  return cluster.plan().actions.filter(({ kind }) => kind !== "mark").map((action) => cluster.inWords(action));
}

function waits(cluster: LittleCluster): string[] {
  return cluster.plan().waits.map(({ service: name, slot, reason }) => `${name}.${slot}: ${reason}`);
}

const drain = (cluster: LittleCluster, name: string) => cluster.put({ ...cluster.node(name).record, draining: true });
const leave = (cluster: LittleCluster, name: string) =>
  cluster.tell({ kind: "leaving", node: cluster.node(name).record.id });

Deno.test("planReplica() fills the slots of a lost node elsewhere, each in one step with its end there", () => {
  const cluster = running(3, 3);
  cluster.lose("n2");
  assertEquals(decisions(cluster), [
    "forget web.1 on n2: node n2 is lost (missed probes)",
    "start web.1 on n1: node n2 is lost (missed probes)",
  ]);
});

Deno.test("planReplica() moves nothing from a node that is only suspect", () => {
  const cluster = running(3, 3);
  cluster.tell({ kind: "cut", node: cluster.node("n2").record.id });
  cluster.tell({ kind: "missed", node: cluster.node("n3").record.id });
  assertEquals(decisions(cluster), []);
});

Deno.test("planReplica() keeps a lost replica's assignment while nothing can carry it, and says why", () => {
  const cluster = running(2, 2, { placement: { max_per_node: 1 } });
  cluster.lose("n2");
  assertEquals(decisions(cluster), []);
  assertEquals(waits(cluster), [
    "web.1: node n2 is lost (missed probes), and no node has room: " +
    "n1: has 1 already, which is max_per_node; n2: it is the one to leave",
  ]);
});

Deno.test("planReplica() moves nothing while 3 of 5 nodes are lost, until one is back or removed", () => {
  for (const end of ["back", "removed"]) {
    const cluster = running(5, 5);
    cluster.lose("n1", "n2", "n3");
    assertEquals(decisions(cluster), []);
    assertEquals(
      waits(cluster)[0],
      "web.2: node n3 is lost, but so are most: " +
        "moving waits until they return or are removed",
    );
    if (end === "back") cluster.hear("n1");
    else cluster.commit([remove(cluster.node("n1").record)]);
    assert(cluster.happenings.some(({ kind }) => kind === "mass_loss_over"), end);
    cluster.nowMs += 3_000;
    cluster.settle();
    assertEquals(cluster.ready("web"), 5);
    assertEquals(cluster.placesOf("web").filter((name) => name === "n2" || name === "n3"), []);
  }
});

Deno.test("planReplica() gives nodes that went together the lost time to return together", () => {
  const cluster = running(5, 5);
  cluster.lose("n1", "n2", "n3");
  cluster.settle();
  const before = cluster.placesOf("web");
  cluster.hear("n1");
  cluster.settle();
  assertEquals(cluster.placesOf("web"), before);
  assertEquals(waits(cluster)[0], "web.2: node n3 is lost, and may return as those do that went with it");
  assertEquals(cluster.plan().wakeMs, cluster.nowMs + 3_000);
  cluster.nowMs += 2_999;
  cluster.hear("n2");
  cluster.settle();
  assertEquals(cluster.placesOf("web"), before);
  cluster.nowMs += 1;
  cluster.settle();
  assertEquals(cluster.placesOf("web").filter((name) => name === "n3"), []);
});

Deno.test("planReplica() moves what was on 1 of 2 nodes, which is not more than half", () => {
  const cluster = running(2, 2);
  cluster.lose("n2");
  assertEquals(decisions(cluster).length, 2);
});

Deno.test("planReplica() moves what was on nodes that went away long after one another", () => {
  const cluster = running(5, 5);
  for (const name of ["n1", "n2", "n3"]) {
    cluster.lose(name);
    cluster.settle();
    cluster.nowMs += 31_000;
  }
  assertEquals(cluster.ready("web"), 5);
});

Deno.test("planReplica() moves from a node that said goodbye, whatever else is lost", () => {
  const cluster = running(5, 5);
  cluster.lose("n1", "n2", "n3");
  cluster.tell({ kind: "goodbye", node: cluster.node("n4").record.id, replicas: "drained" });
  assertEquals(decisions(cluster), [
    "forget web.3 on n4: node n4 is lost (goodbye)",
    "start web.3 on n5: node n4 is lost (goodbye)",
  ]);
});

Deno.test("planReplica() gives what runs on a draining node a successor, and stops it once that one is ready", () => {
  const cluster = running(3, 1);
  drain(cluster, "n1");
  cluster.neverReady.add("web");
  cluster.step();
  assertEquals(cluster.story, ["succeed web.0 on n2: node n1 is being drained"]);
  assertEquals(cluster.step(), 0, "it must not stop before its successor is ready");
  cluster.neverReady.clear();
  assertEquals(cluster.settle(), [
    "stop web.0 on n1: web.0 is ready on n2 and takes over",
    "forget web.0 on n1: it has stopped",
  ]);
  assertEquals(cluster.placesOf("web"), ["n2"]);
});

Deno.test("planReplica() lets a replica without room elsewhere run on a draining node, and says why", () => {
  const cluster = running(1, 1);
  drain(cluster, "n1");
  assertEquals(decisions(cluster), []);
  assertEquals(waits(cluster), ["web.0: node n1 is being drained, and no node has room: n1: it is the one to leave"]);
});

Deno.test("planReplica() stops a replica without room elsewhere on a leaving node, and says why", () => {
  const cluster = running(1, 1);
  leave(cluster, "n1");
  assertEquals(decisions(cluster), [
    "stop web.0 on n1: node n1 is leaving, and no node has room: n1: it is the one to leave",
  ]);
});

Deno.test("planReplica() gives up a successor whose own node is emptied, and finds another", () => {
  const cluster = running(3, 1);
  drain(cluster, "n1");
  cluster.step();
  drain(cluster, "n2");
  cluster.step();
  const stopped = cluster.story.splice(0).slice(1);
  assertEquals(
    [...stopped, ...cluster.settle()],
    [
      "stop web.0 on n2: node n2 is being emptied before it could take over",
      "succeed web.0 on n3: node n1 is being drained",
      "forget web.0 on n2: it has stopped",
      "stop web.0 on n1: web.0 is ready on n3 and takes over",
      "forget web.0 on n1: it has stopped",
    ],
  );
});

Deno.test("planReplica() forgets a lost predecessor at once, and its successor stays", () => {
  const cluster = running(3, 1);
  drain(cluster, "n1");
  cluster.step();
  cluster.lose("n1");
  cluster.step();
  assertEquals(cluster.story.slice(1), [
    "forget web.0 on n1: node n1 is lost (missed probes)",
    "mark n1 lost, 1: lost: missed probes",
  ]);
  assertEquals(cluster.placesOf("web"), ["n2"]);
});

Deno.test("planReplica() renews one slot after the other, each start-first", () => {
  const cluster = running(2, 2);
  release(cluster);
  assertEquals(cluster.settle(), [
    "succeed web.0 on n1: generation 2 replaces 1",
    "stop web.0 on n1: web.0 is ready on n1 and takes over",
    "forget web.0 on n1: it has stopped",
    "succeed web.1 on n2: generation 2 replaces 1",
    "stop web.1 on n2: web.1 is ready on n2 and takes over",
    "forget web.1 on n2: it has stopped",
  ]);
});

Deno.test("planReplica() gets no further with a release that is never ready, and takes nothing away for it", () => {
  const cluster = running(2, 2);
  release(cluster);
  cluster.step();
  cluster.neverReady.add("web");
  for (const { record } of cluster.replicas("web")) {
    if (record.generation === 2) cluster.observe(crashed(record, 9), record.node);
  }
  assertEquals(decisions(cluster), []);
  assertEquals(cluster.ready("web"), 2);
});

Deno.test("planReplica() lets the next release pass one that never got ready", () => {
  const cluster = running(2, 2);
  release(cluster);
  cluster.step();
  const bad = cluster.replicas("web").find(({ record }) => record.generation === 2)!;
  cluster.observe(crashed(bad.record, 9), bad.record.node);
  release(cluster);
  assertEquals(decisions(cluster), ["stop web.0 on n1: generation 3 came before 2 could take over"]);
  cluster.settle();
  assertEquals(cluster.replicas("web").map(({ record }) => record.generation), [3, 3]);
  assertEquals(cluster.ready("web"), 2);
});

Deno.test("planReplica() leaves a crashed replica to its agent while it has attempts left", () => {
  const cluster = running(2, 1);
  const [{ record } = assertNever()] = cluster.replicas("web");
  cluster.observe(crashed(record, 5), record.node);
  assertEquals(decisions(cluster), []);
  cluster.observe(crashed(record, 6), record.node);
  assertEquals(decisions(cluster), [
    "stop web.0 on n1: crashed 6 times on n1; last: exit code 1",
    "start web.0 on n2: crashed 6 times on n1; last: exit code 1",
  ]);
});

Deno.test("planReplica() hands the crashes on with the move, and moves at most once in 5 min", () => {
  const cluster = running(3, 1);
  const [first = assertNever()] = cluster.replicas("web");
  cluster.observe(crashed(first.record, 6), first.record.node);
  cluster.step();
  const moved = cluster.replicas("web").find(({ record }) => !record.draining) ?? assertNever();
  assertEquals(moved.record.crashes_before, 6);
  cluster.observe(crashed(first.record, 6), first.record.node);
  cluster.step();
  cluster.nowMs += 100_000;
  cluster.observe(crashed(moved.record, 9), moved.record.node);
  assertEquals(decisions(cluster), []);
  assertEquals(waits(cluster), ["web.0: crashed 9 times, and was moved for that already; last: exit code 1"]);
  assertEquals(cluster.plan().wakeMs, 300_000);
  cluster.nowMs = 300_000;
  assertEquals(decisions(cluster), [
    "stop web.0 on n2: crashed 9 times on n2; last: exit code 1",
    "start web.0 on n1: crashed 9 times on n2; last: exit code 1",
  ]);
});

Deno.test("planReplica() leaves a crashed replica where it is when no other node has room", () => {
  const cluster = running(1, 1);
  const [{ record } = assertNever()] = cluster.replicas("web");
  cluster.observe(crashed(record, 6), record.node);
  assertEquals(decisions(cluster), []);
  assertEquals(waits(cluster), [
    "web.0: crashed 6 times on n1; last: exit code 1; it stays, as no node has room: n1: it is the one to leave",
  ]);
});

Deno.test("planReplica() moves no crashed replica that has a successor already", () => {
  const cluster = running(3, 1);
  drain(cluster, "n1");
  cluster.step();
  cluster.put({ ...cluster.node("n1").record, draining: false });
  const [{ record } = assertNever()] = cluster.replicas("web");
  cluster.observe(crashed(record, 6), record.node);
  assertEquals(decisions(cluster), []);
});

Deno.test("planReplica() moves a replica of a flapping node once, and the hold-down of that node grows", () => {
  const cluster = running(3, 3);
  const holds: number[] = [];
  for (let toggle = 0; toggle < 18; toggle++) {
    cluster.lose("n2");
    cluster.settle();
    cluster.nowMs += 5_000;
    cluster.hear("n2");
    cluster.settle();
    cluster.nowMs += 8_000;
    holds.push(cluster.node("n2").record.losses);
  }
  const starts = cluster.story.filter((line) => line.startsWith("start"));
  assertEquals(starts, ["start web.1 on n1: node n2 is lost (missed probes)"]);
  assertEquals(holds, Array.from({ length: 18 }, (_, at) => at + 1));
  cluster.put(service("web", 4));
  cluster.settle();
  assertEquals(cluster.placesOf("web").includes("n2"), false, "a node in hold-down gets nothing new");
});

function assertNever(): never {
  throw new Error("Cannot go on: there is no such replica");
}
