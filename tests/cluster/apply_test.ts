import { assertEquals } from "@std/assert";
import type { Event } from "../../lib/cluster/event.ts";
import { assignment, crashed, idOf, node, observation, service } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

const N1 = idOf("node", 1);
const texts = (told: { text: string }[]) => told.map(({ text }) => text);

/** How a node of three fares after these events: liveness, and the cause where it is not ready. */
function fate(...events: (Event | number)[]): string {
  const cluster = LittleCluster.of(3);
  for (const event of events) {
    if (typeof event === "number") cluster.nowMs += event;
    else cluster.tell(event);
  }
  const { liveness, cause } = cluster.node("n1");
  return cause === undefined ? liveness : `${liveness}: ${cause}`;
}

const missed: Event = { kind: "missed", node: N1 };
const cut: Event = { kind: "cut", node: N1 };
const paused: Event = { kind: "paused" };
const heard: Event = { kind: "heard", node: N1, version: "1", leaving: false };
const goodbye = (replicas: "drained" | "left"): Event => ({ kind: "goodbye", node: N1, replicas });
const leaving: Event = { kind: "leaving", node: N1 };

const FATES: [string, (Event | number)[], string][] = [
  ["one missed probe makes it suspect", [missed], "suspect"],
  ["two missed probes make it suspect", [missed, 1_000, missed], "suspect"],
  ["three missed probes make it lost", [1_000, missed, 1_000, missed, 1_000, missed], "lost: missed probes"],
  ["three fast misses wait for the lost time", [missed, missed, missed], "suspect"],
  ["an answer in between starts the count anew", [1_000, missed, 1_000, missed, heard, 3_000, missed], "suspect"],
  ["a cut stream makes it suspect at once", [cut], "suspect: cut stream"],
  ["a cut stream is why it is lost", [cut, 1_000, missed, 1_000, missed, 1_000, missed], "lost: cut stream"],
  ["an answer after a cut clears it", [cut, heard], "ready"],
  ["a goodbye of a drained agent is its loss at once", [goodbye("drained")], "lost: goodbye"],
  ["a goodbye that leaves replicas running is none", [goodbye("left")], "suspect: goodbye"],
  ["one that does not return is lost", [goodbye("left"), 1_000, missed, 1_000, missed, 1_000, missed], "lost: goodbye"],
  ["one that returns is ready", [goodbye("drained"), heard], "ready"],
  ["the controller's own pause is nobody's death", [missed, 1_000, missed, 60_000, paused, missed], "suspect"],
  ["a pause ends the count, and three misses after it count", [
    missed,
    60_000,
    paused,
    1_000,
    missed,
    1_000,
    missed,
    1_000,
    missed,
  ], "lost: missed probes"],
  ["a lost node stays lost over a cut", [goodbye("drained"), cut, missed], "lost: goodbye"],
];

for (const [name, events, expected] of FATES) {
  Deno.test(`apply() follows a node: ${name}`, () => assertEquals(fate(...events), expected));
}

Deno.test("apply() takes no answer for a return that the agent gave on its way out", () => {
  const onItsWayOut: Event = { kind: "heard", node: N1, version: "1", leaving: true };
  assertEquals(fate(leaving, goodbye("drained"), onItsWayOut), "lost: goodbye");
  assertEquals(fate(leaving, goodbye("left"), onItsWayOut), "suspect: goodbye");
  assertEquals(fate(leaving, onItsWayOut), "ready");
  assertEquals(fate(leaving, goodbye("drained"), onItsWayOut, heard), "ready");
});

Deno.test("apply() tells when a node is ready, suspect, lost and back, and not that it is as before", () => {
  const cluster = new LittleCluster();
  cluster.put(node(1));
  assertEquals(texts(cluster.tell(heard)), ["node n1 is ready"]);
  assertEquals(texts(cluster.tell(heard)), []);
  assertEquals(texts(cluster.tell(cut)), ["node n1 is suspect (cut stream)"], "one node is no mass");
  assertEquals(texts(cluster.tell(missed)), []);
  cluster.nowMs = 3_000;
  assertEquals(texts([...cluster.tell(missed), ...cluster.tell(missed)]), ["node n1 is lost (cut stream)"]);
  assertEquals(texts(cluster.tell(heard)), ["node n1 is back"]);
});

Deno.test("apply() tells of no loss that was known before the controller's start", () => {
  const cluster = new LittleCluster();
  cluster.put(node(1, { lost: true }));
  cluster.nowMs = 3_000;
  assertEquals(texts([missed, missed, missed].flatMap((event) => cluster.tell(event))), []);
  assertEquals(cluster.node("n1").liveness, "lost");
  assertEquals(texts(cluster.tell(heard)), ["node n1 is back"]);
});

Deno.test("apply() holds moving when 3 of 5 are cut off, not when they leave, are drained or were never seen", () => {
  const held = (...events: Event[]) => {
    const cluster = LittleCluster.of(5);
    for (const n of [1, 2, 3]) {
      for (const event of events) cluster.tell("node" in event ? { ...event, node: idOf("node", n) } : event);
    }
    return cluster.state.massLoss.active;
  };
  assertEquals(held(cut), true);
  assertEquals(held(missed), true);
  assertEquals(held(goodbye("drained")), false);
  assertEquals(held(goodbye("left")), false);

  const drained = LittleCluster.of(5);
  for (const n of [1, 2, 3]) drained.put(node(n, { draining: true }));
  drained.lose("n1", "n2", "n3");
  assertEquals(drained.state.massLoss.active, false);

  const unseen = LittleCluster.of(2);
  for (const n of [3, 4, 5]) unseen.put(node(n));
  unseen.lose("n3", "n4", "n5");
  assertEquals(unseen.state.massLoss.active, false);
});

Deno.test("apply() takes all that a node says for the whole: what it does not name is not there", () => {
  const cluster = LittleCluster.of(1, service("web", 2), assignment(1), assignment(2));
  for (const n of [1, 2]) cluster.observe(observation(assignment(n)));
  assertEquals(cluster.ready("web"), 2);
  cluster.tell({ kind: "snapshot", node: N1, replicas: [observation(assignment(2))] });
  assertEquals(cluster.ready("web"), 1);
  assertEquals(cluster.state.replicas.get(idOf("replica", 1))?.observed, undefined);
  cluster.tell({ kind: "gone", node: N1, replica: idOf("replica", 2) });
  assertEquals(cluster.ready("web"), 0);
});

Deno.test("apply() believes no node about a replica that is another's, or that nobody knows", () => {
  const cluster = LittleCluster.of(2, service("web", 1), assignment(1));
  const elsewhere = cluster.observe(observation(assignment(1)), idOf("node", 2));
  const unknown = cluster.observe(observation(assignment(9)));
  assertEquals([...elsewhere, ...unknown], []);
  assertEquals(cluster.ready("web"), 0);
});

Deno.test("apply() ignores events of a node that is not known", () => {
  const cluster = new LittleCluster();
  for (const event of [heard, missed, cut, leaving, goodbye("drained")]) assertEquals(cluster.tell(event), []);
  assertEquals(cluster.state.nodes.size, 0);
});

Deno.test("apply() tells when a replica is ready, unready, has crashed, and once only", () => {
  const record = assignment(1);
  const cluster = LittleCluster.of(1, service("web", 1), record);
  const say = (seen: ReturnType<typeof observation>) => texts(cluster.observe(seen));
  assertEquals(say(observation(record, { phase: "starting", ready: false })), []);
  assertEquals(say(observation(record)), ["web.0 on n1 is ready"]);
  assertEquals(say(observation(record)), []);
  assertEquals(say(observation(record, { ready: false, reason: "not ready: 500" })), ["web.0 on n1 is not ready: 500"]);
  assertEquals(say({ ...crashed(record, 1), reason: "exited with code 1" }), ["web.0 on n1 exited with code 1"]);
  assertEquals(say({ ...crashed(record, 1), reason: "exited with code 1" }), []);
});

Deno.test("apply() counts a lost node's replicas as not ready, and counts them again when it is back", () => {
  const cluster = LittleCluster.of(2, service("web", 1), assignment(1));
  cluster.observe(observation(assignment(1)));
  cluster.lose("n1");
  assertEquals(cluster.ready("web"), 0);
  cluster.hear("n1");
  assertEquals(cluster.ready("web"), 1);
});
