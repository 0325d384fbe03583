import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { put, remove } from "../../../lib/cluster/record.ts";
import type { LoopEffect } from "../../../lib/controller/loop/effect.ts";
import { assignment, CLUSTER, crashed, idOf, node, observation, service } from "../../support/builders.ts";
import { LittleLoop } from "../../support/little_loop.ts";

const kinds = (effects: LoopEffect[]) => effects.map(({ kind }) => kind);
const ordersIn = (effects: LoopEffect[]) =>
  effects.flatMap((effect) => effect.kind === "send_orders" ? [effect.orders] : []);

/** One node and one service, met and settled. */
function settled(): LittleLoop {
  const little = LittleLoop.of(node(1), service("web", 1), assignment(1));
  little.meet(1, observation(assignment(1)));
  little.decide();
  return little;
}

/** Keeps a node answering while time passes. */
function keepAlive(little: LittleLoop, ms: number): LoopEffect[] {
  const effects: LoopEffect[] = [];
  for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
    effects.push(...little.wait(1_000), ...little.answer(1, { epoch: 2, revision: 5 }));
    effects.push(...little.line(1, { kind: "heartbeat" }));
  }
  return effects;
}

Deno.test("a loop probes a node first, then opens its stream, and sends orders once it knows what runs there", () => {
  const little = LittleLoop.of(node(1), service("web", 1), assignment(1));
  assertEquals(little.count("probe"), 1);
  assertEquals(kinds(little.answer(1)).filter((kind) => kind !== "happened" && kind !== "endpoints"), ["open_stream"]);
  const [orders] = ordersIn(little.snapshot(1, observation(assignment(1))));
  assertEquals(orders?.replicas.map((order) => order.assignment.id), [idOf("replica", 1)]);
  assertEquals([orders?.cluster, orders?.epoch, orders?.revision, orders?.node], [CLUSTER, 2, 5, "n1"]);
});

Deno.test("a loop decides nothing before every node was heard, and then at once", () => {
  const little = LittleLoop.of(node(1), node(2), service("web", 2));
  little.meet(1);
  assertEquals(little.decide(), []);
  little.meet(2);
  assertEquals(kinds(little.decide()), ["commit"]);
});

Deno.test("a loop has one transaction under way at most", () => {
  const little = LittleLoop.of(node(1), service("web", 1));
  little.meet(1);
  assertEquals(kinds(little.decide()), ["commit"]);
  const other = { revision: 6, changes: [put(service("web", 3))] };
  little.write(other);
  assertEquals(little.decide(), []);
  little.ended({ kind: "conflict", revision: 6 });
  assertEquals(kinds(little.decide()), ["commit"]);
  const { changes, expectedRevision } = little.last("commit");
  assertEquals([changes.length, expectedRevision], [3, 6]);
});

Deno.test("a loop waits for a commit to come back before it plans again", () => {
  const little = LittleLoop.of(node(1), service("web", 1));
  little.meet(1);
  little.decide();
  const { changes } = little.last("commit");
  little.ended({ kind: "committed", revision: 6 });
  assertEquals(little.decide(), [], "the replica would be placed twice");
  little.write({ revision: 6, changes });
  assertEquals(little.decide(), []);
  assertEquals(little.loop.state.replicas.size, 1);
});

Deno.test("a loop plans anew from the newer revision after a conflict, and not before it has that", () => {
  const little = LittleLoop.of(node(1), service("web", 1));
  little.meet(1);
  little.decide();
  little.ended({ kind: "conflict", revision: 6 });
  assertEquals(little.decide(), []);
  little.write({ revision: 6, changes: [put(service("web", 0))] });
  assertEquals(little.decide(), [], "nothing is wanted any more");
});

Deno.test("a loop tries again in a second when the store is full", () => {
  const little = LittleLoop.of(node(1), service("web", 1));
  little.meet(1);
  little.decide();
  little.ended({ kind: "full" });
  assertEquals(little.decide(), []);
  little.nowMs += 999;
  assertEquals(little.decide(), []);
  little.nowMs += 1;
  assertEquals(kinds(little.decide()), ["commit"]);
});

Deno.test("a loop sends orders when a commit has changed them, and tells what it did", () => {
  const little = LittleLoop.of(node(1), service("web", 1));
  little.meet(1);
  little.decide();
  const effects = little.committed();
  assertEquals(ordersIn(effects).map(({ replicas, revision }) => [replicas.length, revision]), [[1, 6]]);
  assertEquals(little.told(effects), ["web.0 is assigned to n1: 0 of 1 placed"]);
});

Deno.test("a converged loop decides nothing and sends nothing, for an hour", () => {
  const little = settled();
  const effects = keepAlive(little, 3_600_000);
  assertEquals(new Set(kinds(effects)), new Set(["probe"]));
});

Deno.test("a loop lets an answer that is late not count", () => {
  const little = settled();
  little.wait(1_000);
  const { probe } = little.last("probe", 1);
  little.fail(1);
  assertEquals(little.loop.state.nodes.get(idOf("node", 1))?.liveness, "suspect");
  little.give({ kind: "probe_answered", node: idOf("node", 1), probe, health: little.healthOf(1) });
  assertEquals(little.loop.state.nodes.get(idOf("node", 1))?.liveness, "suspect");
});

Deno.test("a loop takes no answer from before a goodbye for a return", () => {
  const little = settled();
  little.wait(1_000);
  const { probe } = little.last("probe", 1);
  little.line(1, { kind: "goodbye", replicas: "drained" });
  little.give({ kind: "probe_answered", node: idOf("node", 1), probe, health: little.healthOf(1) });
  assertEquals(little.loop.state.nodes.get(idOf("node", 1))?.liveness, "lost");
});

Deno.test("a loop's own pause makes no node suspect, and answers from before it don't count", () => {
  const little = settled();
  little.wait(1_000);
  const { probe } = little.last("probe", 1);
  little.nowMs += 60_000;
  little.give({ kind: "probe_failed", node: idOf("node", 1), probe, reason: "no answer" });
  assertEquals(little.loop.state.nodes.get(idOf("node", 1))?.liveness, "ready");
  assertEquals(little.decide(), []);
});

Deno.test("a loop gives a silent stream up after 3 s and opens it again after the next answer", () => {
  const little = settled();
  for (let second = 0; second < 2; second++) {
    little.wait(1_000);
    little.answer(1, { epoch: 2, revision: 5 });
  }
  const former = little.last("open_stream", 1).stream;
  assertEquals(kinds(little.wait(1_000)).includes("close_stream"), true);
  assertEquals(little.loop.state.nodes.get(idOf("node", 1))?.cause, "cut stream");
  assertEquals(kinds(little.answer(1, { epoch: 2, revision: 5 })).includes("open_stream"), true);
  const late = { kind: "gone" as const, seq: 99, replica: idOf("replica", 1) };
  little.give({ kind: "line", node: idOf("node", 1), stream: former, line: late });
  assert(little.loop.state.replicas.get(idOf("replica", 1))?.observed !== undefined, "a line of the old stream counts");
});

Deno.test("a loop sends orders again to an agent that was started anew and follows none yet", () => {
  const little = settled();
  little.wait(1_000);
  assertEquals(ordersIn(little.answer(1, { epoch: 2, revision: 5 })), []);
  little.wait(1_000);
  assertEquals(ordersIn(little.answer(1, { epoch: 0, revision: 0 })).length, 1);
});

Deno.test("a loop sends orders again after it got no reply, and after a second only", () => {
  const little = LittleLoop.of(node(1), service("web", 1), assignment(1));
  little.answer(1);
  little.snapshot(1);
  const { send } = little.last("send_orders", 1);
  assertEquals(ordersIn(little.give({ kind: "orders_failed", node: idOf("node", 1), send, reason: "reset" })), []);
  assertEquals(ordersIn(little.wait(750)), []);
  assertEquals(ordersIn(little.wait(500)).length, 1);
});

Deno.test("a loop tells once that an agent is another cluster's, not with every try", () => {
  const little = LittleLoop.of(node(1));
  const bound = idOf("agent", 9);
  little.answer(1, { cluster: bound });
  little.snapshot(1);
  for (let second = 0; second < 30; second++) {
    little.reply(1, { kind: "foreign", bound, asked: CLUSTER });
    little.line(1, { kind: "heartbeat" });
    little.wait(1_000);
    little.answer(1, { cluster: bound });
  }
  const refusals = little.told().filter((text) => text.includes("belongs to cluster"));
  assertEquals(refusals.length, 1);
  assert(refusals[0]?.includes("--forget-cluster"));
  assert(little.count("send_orders") > 20, "it is tried on");
});

Deno.test("a loop tells a refusal again when the agent took orders in between", () => {
  const little = LittleLoop.of(node(1));
  little.answer(1);
  little.snapshot(1);
  const stale = { kind: "stale" as const, epoch: 9, revision: 9 };
  for (const reply of [stale, stale, undefined, stale]) {
    little.reply(1, reply);
    little.line(1, { kind: "heartbeat" });
    little.wait(1_000);
    little.answer(1);
  }
  assertEquals(little.told().filter((text) => text.includes("follows newer orders")).length, 2);
});

Deno.test("a loop sends a removed node one last list that is empty", () => {
  const little = settled();
  const effects = little.write({ revision: 6, changes: [remove(node(1))] });
  assertEquals(ordersIn(effects).map(({ replicas }) => replicas), [[]]);
  assertEquals(kinds(effects).includes("close_stream"), true);
  assertEquals(little.wait(5_000).filter(({ kind }) => kind === "probe"), []);
});

Deno.test("a loop writes down what an agent says of itself, with its node's record as it is by then", () => {
  const little = settled();
  little.wait(1_000);
  little.answer(1, { epoch: 2, revision: 5, name: "renamed", capacity: { cpu: 8, memory: 1 } });
  // An operator is quicker than the next decision: neither change may undo the other.
  little.write({ revision: 6, changes: [put(node(1, { draining: true }))] });
  little.decide();
  little.committed();
  const record = little.loop.state.nodes.get(idOf("node", 1))?.record;
  assertEquals([record?.name, record?.capacity.cpu, record?.draining], ["renamed", 8, true]);
});

Deno.test("a loop removes a node that turns out to be another one's agent, and sends that agent no orders for it", () => {
  const little = settled();
  little.write({ revision: 6, changes: [put(node(2, { identity: null, url: "http://localhost:1" }))] });
  const effects = [...little.answer(2, { identity: idOf("agent", 1) }), ...little.decide()];
  assertEquals(ordersIn(effects), [], "an empty list would stop all that runs there");
  assertEquals(little.last("commit").changes, [remove(node(2))]);
  assertEquals(ordersIn(little.committed()), []);
});

Deno.test("a loop gives an agent that was added twice at once to one node only", () => {
  const little = LittleLoop.of(node(1, { identity: null }), node(2, { identity: null }));
  for (const n of [1, 2]) little.answer(n, { identity: idOf("agent", 1) });
  little.decide();
  little.committed();
  little.wait(1_000);
  for (const n of [1, 2]) little.answer(n, { identity: idOf("agent", 1) });
  little.decide();
  little.committed();
  assertEquals([...little.loop.state.nodes.keys()].length, 1);
});

Deno.test("a loop tells what waits once, and at once when the reason is of another kind", () => {
  const little = LittleLoop.of(node(1), service("web", 2, { placement: { max_per_node: 1 } }), assignment(1));
  little.meet(1, observation(assignment(1)));
  const waiting = (effects: LoopEffect[]) => little.told(effects).filter((text) => text.includes("waits"));
  assertEquals(waiting(little.decide()).length, 1);
  for (const ready of [false, true, false]) {
    little.line(1, { kind: "observation", observation: observation(assignment(1), { ready }) });
    assertEquals(waiting(little.decide()), []);
  }
  assertEquals(little.loop.waits.length, 1);
  little.write({ revision: 6, changes: [put(node(1, { draining: true }))] });
  assertEquals(waiting(little.decide()).map((text) => text.slice(0, 31)), ["web.0 waits: node n1 is being d"]);
});

Deno.test("a loop tells the ingress when endpoints change, and only then", () => {
  const little = settled();
  const endpoints = (effects: LoopEffect[]) =>
    effects.flatMap((effect) => effect.kind === "endpoints" ? [effect.endpoints.length] : []);
  const say = (seen: ReturnType<typeof observation>) =>
    endpoints(little.line(1, { kind: "observation", observation: seen }));
  assertEquals(say(observation(assignment(1))), []);
  assertEquals(say(observation(assignment(1), { ready: false })), [0]);
  assertEquals(say(crashed(assignment(1), 1)), []);
  assertEquals(say(observation(assignment(1))), [1]);
  assertEquals(endpoints(keepAlive(little, 10_000)), []);
});

Deno.test("what an answer costs a loop does not grow with the number of nodes", () => {
  const many = Array.from({ length: 200 }, (_, at) => node(at + 1));
  const little = LittleLoop.of(...many);
  assertEquals(little.count("probe"), 200);
  assertLessOrEqual(little.answer(7).length, 3);
});
