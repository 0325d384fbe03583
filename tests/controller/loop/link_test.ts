import { assertEquals } from "@std/assert";
import type { LoopEffect } from "../../../lib/controller/loop/effect.ts";
import { Link } from "../../../lib/controller/loop/link.ts";
import { CLUSTER, idOf } from "../../support/builders.ts";

const NODE = idOf("node", 1);
const IDENTITY = idOf("agent", 1);
const SETTINGS = { healthIntervalMs: 1_000, lostAfterMs: 3_000 };
const ORDERS = { cluster: CLUSTER, epoch: 2, revision: 5, node: "n1", replicas: [], services: [] };

const fresh = () => new Link(NODE, "http://n1:9090", { settings: SETTINGS, nowMs: 0 });

function idIn(effects: LoopEffect[], kind: "probe" | "open_stream" | "send_orders"): number {
  for (const effect of effects) {
    if (effect.kind === "probe" && kind === "probe") return effect.probe;
    if (effect.kind === "open_stream" && kind === "open_stream") return effect.stream;
    if (effect.kind === "send_orders" && kind === "send_orders") return effect.send;
  }
  throw new Error(`Cannot find "${kind}" among ${effects.map((effect) => effect.kind).join(", ") || "no effects"}`);
}

/** Answers the probe that is due at this time. */
function answer(link: Link, nowMs: number, followed = { epoch: 2, revision: 5 }): LoopEffect[] {
  const probe = idIn(link.due(nowMs).effects, "probe");
  assertEquals(link.probeEnded(probe, { identity: IDENTITY, ...followed }), true);
  return link.due(nowMs).effects;
}

Deno.test("a link probes at once, then every interval, one at a time", () => {
  const link = fresh();
  assertEquals(link.due(0).effects.map(({ kind }) => kind), ["probe"]);
  assertEquals(link.due(5_000).effects, [], "the first is still under way");
  const other = fresh();
  const probe = idIn(other.due(0).effects, "probe");
  other.probeEnded(probe, undefined);
  assertEquals(other.due(999).effects, []);
  assertEquals(other.due(1_000).effects.map(({ kind }) => kind), ["probe"]);
});

Deno.test("a link counts the answer to its present probe only, and once", () => {
  const link = fresh();
  const probe = idIn(link.due(0).effects, "probe");
  assertEquals(link.probeEnded(probe + 1, undefined), false);
  assertEquals(link.probeEnded(probe, undefined), true);
  assertEquals(link.probeEnded(probe, undefined), false);
});

Deno.test("a link opens its stream after an answer, and goes on from the last line it had", () => {
  const link = fresh();
  const opened = answer(link, 0);
  const stream = idIn(opened, "open_stream");
  assertEquals(link.lineHeard(stream, 41, 0), true);
  assertEquals(link.streamEnded(stream), true);
  assertEquals(link.lineHeard(stream, 42, 0), false);
  assertEquals(link.due(500).effects, [], "not before the agent answers again");
  const again = answer(link, 1_000).find((effect) => effect.kind === "open_stream");
  assertEquals(again?.kind === "open_stream" && again.after, 41);
});

Deno.test("a link gives up a stream after 3 s of silence, and says that it was cut", () => {
  const link = fresh();
  const stream = idIn(answer(link, 0), "open_stream");
  link.lineHeard(stream, 1, 1_000);
  assertEquals(link.due(3_999).cut, false);
  const { effects, cut } = link.due(4_000);
  assertEquals([cut, effects[0]?.kind], [true, "close_stream"]);
  assertEquals(link.due(4_000).cut, false, "once");
});

Deno.test("a link has orders due until its agent follows the epoch and the newest list that concerns it", () => {
  const due = (followed: { epoch: number; revision: number }, wanted: number) => {
    const link = fresh();
    link.ordersChanged(wanted);
    answer(link, 0, followed);
    return link.ordersDue(2, 0);
  };
  assertEquals(due({ epoch: 2, revision: 5 }, 5), false);
  assertEquals(due({ epoch: 2, revision: 9 }, 5), false, "other nodes' changes are no reason");
  assertEquals(due({ epoch: 2, revision: 4 }, 5), true);
  assertEquals(due({ epoch: 1, revision: 9 }, 5), true);
  assertEquals(due({ epoch: 0, revision: 0 }, 0), true);
  assertEquals(fresh().ordersDue(2, 0), false, "nobody answers there yet");
});

Deno.test("a link sends one list at a time, and pauses a second after one that failed", () => {
  const link = fresh();
  answer(link, 0, { epoch: 0, revision: 0 });
  const send = idIn([link.sendOrders(ORDERS, 0)], "send_orders");
  assertEquals(link.ordersDue(2, 0), false);
  assertEquals(link.ordersEnded(send + 1, { nowMs: 0 }), false);
  assertEquals(link.ordersEnded(send, { nowMs: 100 }), true);
  assertEquals([link.ordersDue(2, 1_099), link.ordersDue(2, 1_100)], [false, true]);
});

Deno.test("a link is not misled by an answer that was given before its orders arrived", () => {
  const link = fresh();
  answer(link, 0, { epoch: 0, revision: 0 });
  const send = idIn([link.sendOrders(ORDERS, 0)], "send_orders");
  const probe = idIn(link.due(1_000).effects, "probe");
  link.probeEnded(probe, { identity: IDENTITY, epoch: 0, revision: 0 });
  link.ordersEnded(send, { followed: { epoch: 2, revision: 5 }, nowMs: 1_000 });
  assertEquals(link.ordersDue(2, 1_000), false);
});

Deno.test("a link forgets its probe and forgives its stream's silence after a pause", () => {
  const link = fresh();
  idIn(answer(link, 0), "open_stream");
  const probe = idIn(link.due(1_000).effects, "probe");
  link.forgive(60_000);
  assertEquals(link.probeEnded(probe, undefined), false);
  const { effects, cut } = link.due(60_000);
  assertEquals([cut, effects.map(({ kind }) => kind)], [false, ["probe"]]);
});

Deno.test("a link that moves to another address ends what is open and asks there", () => {
  const link = fresh();
  answer(link, 0);
  link.sendOrders(ORDERS, 0);
  assertEquals(link.moveTo("http://n1:9090", 0), []);
  assertEquals(link.moveTo("http://elsewhere:1", 100).map(({ kind }) => kind), ["close_stream"]);
  const [probe] = link.due(100).effects;
  assertEquals(probe?.kind === "probe" && probe.url, "http://elsewhere:1");
  assertEquals(link.ordersEnded(2, { nowMs: 100 }), false);
});

Deno.test("a link parts from an agent that said goodbye: its stream is closed, and its last answer is late", () => {
  const link = fresh();
  answer(link, 0);
  const probe = idIn(link.due(1_000).effects, "probe");
  assertEquals(link.part().map(({ kind }) => kind), ["close_stream"]);
  assertEquals(link.probeEnded(probe, { identity: IDENTITY, epoch: 2, revision: 5 }), false);
  assertEquals(link.due(2_000).effects.map(({ kind }) => kind), ["probe"]);
});

Deno.test("a link tells a refusal once, until another or a success came in between", () => {
  const link = fresh();
  const told = ["foreign", "foreign", "stale", "stale", "", "stale"].map((words) => link.refused(words));
  assertEquals(told, [true, false, true, false, false, true]);
});
