import { assertEquals } from "@std/assert";
import { remove } from "../../lib/cluster/record.ts";
import { ordersFor } from "../../lib/controller/loop/orders.ts";
import { node, observation, service } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

const FIELDS = { on_isolation: { stop_after: "15s" }, stop: { timeout: "10s" } };
const GONE_AFTER_MS = 26_000;
const WHY = "it may run on there, and is replaced once it is sure to have ended: 26 s after its agent was last heard";

function running(nodes = 3): LittleCluster {
  const cluster = LittleCluster.of(nodes, service("web", 1, FIELDS));
  for (let n = 1; n <= nodes; n++) cluster.put({ ...cluster.node(`n${n}`).record, features: ["isolation"] });
  cluster.settle();
  cluster.story.length = 0;
  return cluster;
}

function decisions(cluster: LittleCluster): string[] {
  return cluster.plan().actions.filter(({ kind }) => kind !== "mark").map((action) => cluster.inWords(action));
}

function waits(cluster: LittleCluster): string[] {
  return cluster.plan().waits.map(({ service: name, slot, reason }) => `${name}.${slot}: ${reason}`);
}

Deno.test("place() refuses nodes that can't isolate for exclusive services, and says why", () => {
  const cluster = LittleCluster.of(1, service("web", 1, FIELDS));
  assertEquals(decisions(cluster), []);
  assertEquals(waits(cluster)[0]?.includes("can't isolate: exclusive services need Linux"), true, waits(cluster)[0]);
});

Deno.test("an exclusive replica of a lost node is moved when it is sure to have ended, not before, in one step", () => {
  const cluster = running();
  const heardMs = cluster.nowMs;
  const [before] = cluster.replicas("web");
  cluster.lose("n1");
  assertEquals(decisions(cluster), []);
  assertEquals(waits(cluster), [`web.0: node n1 is lost (missed probes); ${WHY}`]);
  assertEquals(cluster.plan().wakeMs, heardMs + GONE_AFTER_MS);
  cluster.nowMs = heardMs + GONE_AFTER_MS - 1;
  assertEquals(decisions(cluster), []);
  cluster.nowMs += 1;
  assertEquals(decisions(cluster), [
    "forget web.0 on n1: node n1 is lost (missed probes)",
    "start web.0 on n2: node n1 is lost (missed probes)",
  ]);
  cluster.settle();
  const [after] = cluster.replicas("web");
  assertEquals(after!.record.fence > before!.record.fence, true);
});

Deno.test("of exclusive replicas on nodes that are drained no more are missing at once than may be", () => {
  const cluster = LittleCluster.of(4, service("web", 4, FIELDS));
  for (let n = 1; n <= 4; n++) cluster.put({ ...cluster.node(`n${n}`).record, features: ["isolation"] });
  cluster.settle();
  cluster.story.length = 0;
  for (const name of ["n1", "n2"]) cluster.put({ ...cluster.node(name).record, draining: true });
  assertEquals(decisions(cluster), ["stop web.1 on n2: node n2 is being drained"]);
  assertEquals(waits(cluster), ["web.0: node n1 is being drained, and no more may be missing at once"]);
  assertEquals(cluster.settle(), [
    "stop web.1 on n2: node n2 is being drained",
    "forget web.1 on n2: it has stopped",
    "start web.1 on n3: 3 of 4 placed",
    "stop web.0 on n1: node n1 is being drained",
    "forget web.0 on n1: it has stopped",
    "start web.0 on n4: 3 of 4 placed",
  ]);
});

Deno.test("that counts from the last answer, also when the controller stood still since", () => {
  const cluster = running();
  cluster.nowMs += 1_000;
  cluster.hear("n1");
  cluster.nowMs += 1_000;
  cluster.tell({ kind: "paused" });
  const fromMs = cluster.nowMs;
  cluster.lose("n1");
  assertEquals(cluster.plan().wakeMs, fromMs + GONE_AFTER_MS);
});

Deno.test("an exclusive replica of a removed node waits as long, and one whose agent drained does not", () => {
  const cluster = running();
  const heardMs = cluster.nowMs;
  cluster.nowMs += 2_000;
  cluster.commit([remove(cluster.node("n1").record)]);
  assertEquals(decisions(cluster), []);
  assertEquals(waits(cluster), [`web.0: its node was removed; ${WHY}`]);
  assertEquals(cluster.plan().wakeMs, heardMs + GONE_AFTER_MS);
  cluster.nowMs = heardMs + GONE_AFTER_MS;
  assertEquals(decisions(cluster).length, 2);

  for (const [replicas, moved] of [["drained", 2], ["left", 0]] as const) {
    const leaving = running();
    leaving.tell({ kind: "goodbye", node: leaving.node("n1").record.id, replicas });
    if (replicas === "left") leaving.lose("n1");
    assertEquals(decisions(leaving).length, moved, replicas);
  }
});

Deno.test("after a start of the controller that time begins anew, for removed nodes as well", () => {
  for (const isRemoved of [false, true]) {
    const former = running();
    const records = [
      ...former.state.services.values(),
      ...former.state.nodes.values(),
      ...former.state.replicas.values(),
    ]
      .map(({ record }) => ({ record, revision: 1 }))
      .filter(({ record }) => !isRemoved || record.type !== "node" || record.name !== "n1");
    const cluster = new LittleCluster();
    cluster.nowMs = 500_000;
    cluster.tell({ kind: "loaded", snapshot: { cluster: "", epoch: 1, revision: 1, records } });
    for (const name of isRemoved ? ["n2", "n3"] : ["n1", "n2", "n3"]) {
      cluster.tell({ kind: "snapshot", node: cluster.node(name).record.id, replicas: [] });
    }
    cluster.hear("n2");
    cluster.hear("n3");
    if (!isRemoved) cluster.lose("n1");
    assertEquals(decisions(cluster), []);
    assertEquals(cluster.plan().wakeMs, 500_000 + GONE_AFTER_MS);
  }
});

Deno.test("an exclusive replica that was withdrawn is forgotten when its agent says that it has ended for good", () => {
  const cluster = running();
  const { record } = cluster.replicas("web")[0]!;
  cluster.put({ ...record, draining: true });
  // It waits for its next start after a crash, and its agent may not know yet that there is to be none.
  cluster.observe(observation(record, { phase: "exited", ready: false, pid: null, port: null }));
  assertEquals(decisions(cluster), []);
  cluster.observe(observation(record, { phase: "exited", final: true, ready: false, pid: null, port: null }));
  assertEquals(decisions(cluster)[0], "forget web.0 on n1: it has stopped");
});

Deno.test("a withdrawn one on a lost node is forgotten no earlier either, and nothing fills its slot until then", () => {
  const cluster = running();
  const heardMs = cluster.nowMs;
  cluster.put({ ...cluster.replicas("web")[0]!.record, draining: true });
  cluster.lose("n1");
  assertEquals(decisions(cluster), []);
  cluster.nowMs = heardMs + GONE_AFTER_MS;
  assertEquals(decisions(cluster), ["forget web.0 on n1: its node is lost"]);
});

Deno.test("an exclusive replica leaves a drained node by ending there before it begins elsewhere", () => {
  const cluster = running();
  cluster.put({ ...cluster.node("n1").record, draining: true });
  assertEquals(cluster.settle(), [
    "stop web.0 on n1: node n1 is being drained",
    "forget web.0 on n1: it has stopped",
    "start web.0 on n2: 0 of 1 placed",
  ]);
});

Deno.test("orders for an exclusive replica are withheld while another of its slot is still assigned", () => {
  const cluster = running();
  const { record } = cluster.replicas("web")[0]!;
  const next = { ...record, id: node(9).id, node: cluster.node("n2").record.id, fence: record.fence + 1 };
  cluster.put({ ...record, draining: true }, next);
  const told = (name: string) =>
    ordersFor(cluster.state, { node: cluster.node(name).record.id, ack: undefined, identity: undefined }).replicas.map((
      { assignment },
    ) => assignment.id);
  assertEquals([told("n1"), told("n2")], [[record.id], []]);
  cluster.state.ordersChanged.clear();
  cluster.commit([remove(record)]);
  assertEquals(told("n2"), [next.id]);
  assertEquals(cluster.state.ordersChanged.has(next.node), true, "its agent is told now");
});

Deno.test("an exclusive service that would stop at a lost health check or two is not started, and it is said why", () => {
  const cluster = LittleCluster.of(2, service("only", 1, { on_isolation: { stop_after: "14s" } }));
  cluster.state.lossRule = { misses: 3, lostAfterMs: 15_000 };
  const [wait] = cluster.plan().waits;
  assertEquals(
    wait?.reason,
    "on_isolation.stop_after is 14 s, and this controller asks its agents every 5 s: make it at least 15 s",
  );
});
