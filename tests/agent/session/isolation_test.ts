import { assertEquals } from "@std/assert";
import type { Contact } from "../../../lib/agent/session/contact.ts";
import type { AdoptedInstance, SessionEffect } from "../../../lib/agent/session/effect.ts";
import type { Order } from "../../../lib/wire/protocol.ts";
import { assignment, CLUSTER, idOf, wallAt } from "../../support/builders.ts";
import { LittleAgent, memoryOf, NO_MEMORY, order } from "../../support/little_agent.ts";

const STOP_AFTER_MS = 3_000;
const SPEC = {
  health: undefined,
  on_isolation: { stop_after: "3s" },
  stop: { signal: "SIGTERM", timeout: "2s", drain: "10s" },
} as const;
const EXCLUSIVE = order(assignment(1), SPEC);
const NODE = EXCLUSIVE.assignment.node;

function contactAt(nowMs: number, fields: Partial<Contact> = {}): Contact {
  return { node: NODE, epoch: 1, nowMs, bootMs: nowMs, ...fields };
}

/** Orders that were given in the contact of this moment, unless another is given. */
function orderedBy(
  agent: LittleAgent,
  revision: number,
  given: { orders?: Order[]; contact?: Contact | undefined } = {},
) {
  const { orders: replicas = [EXCLUSIVE], contact = contactAt(agent.nowMs) } = given;
  const orders = { cluster: CLUSTER, node: "n1", epoch: 1, revision, replicas, services: [] };
  return agent.give({ kind: "orders", orders, contact: "contact" in given ? given.contact : contact });
}

function running(): LittleAgent {
  const agent = new LittleAgent();
  assertEquals(orderedBy(agent, 1)[0], "spawn web.0");
  agent.started();
  return agent;
}

function acked(agent: LittleAgent, contact = contactAt(agent.nowMs)): string[] {
  return agent.give({ kind: "acked", contact });
}

function kept(agent: LittleAgent): Extract<SessionEffect, { kind: "keep" }> | undefined {
  return agent.effects.findLast((effect) => effect.kind === "keep");
}

Deno.test("an exclusive replica is stopped at stop_after from the last answer that was acknowledged, not before", () => {
  const agent = running();
  const sentMs = agent.nowMs;
  agent.wait(2_000);
  assertEquals(acked(agent, contactAt(sentMs + 1_000)), []);
  assertEquals(agent.wait(1_999), []);
  assertEquals(agent.wait(1).filter((line) => line.startsWith("SIGTERM")).length, 1);
  assertEquals(agent.seen().phase, "stopping");
  assertEquals(agent.wait(2_000).filter((line) => line.startsWith("SIGKILL")).length, 1, "at its stop timeout");
});

Deno.test("what was stopped for its isolation waits, is no crash, and begins by new orders that were given in contact", () => {
  const agent = running();
  agent.wait(STOP_AFTER_MS);
  agent.exited(null);
  const { phase, crashes, final, reason } = agent.seen();
  assertEquals([phase, crashes, final], ["exited", 0, false]);
  assertEquals(reason, "its controller was not heard for 3s: stopped so that another may take its place");
  assertEquals(agent.session.followed, { epoch: 0, revision: 0 }, "so that it is ordered anew");
  assertEquals(acked(agent), [], "to be heard again is not enough: it may have been moved meanwhile");
  assertEquals(agent.wait(60_000), []);
  assertEquals(orderedBy(agent, 2)[0]?.startsWith("spawn"), true);
  assertEquals(agent.session.followed, { epoch: 1, revision: 2 });
});

Deno.test("orders that were long on their way begin nothing exclusive, and all else", () => {
  const agent = new LittleAgent();
  const plain = order(assignment(2, { slot: 1 }), { health: undefined });
  acked(agent);
  const late = { orders: [EXCLUSIVE, plain], contact: contactAt(agent.nowMs - STOP_AFTER_MS) };
  const lines = orderedBy(agent, 1, late);
  assertEquals(lines.filter((line) => line.startsWith("spawn")).length, 1);
  assertEquals(agent.newest.slot, 1);
  assertEquals(orderedBy(agent, 1, { ...late, contact: undefined }).filter((line) => line.startsWith("spawn")), []);
});

Deno.test("an acknowledgement that comes after a silence that was too long does not undo it", () => {
  const agent = running();
  // Frozen: no tick came in between, and the first that is handled is the good news.
  agent.nowMs += STOP_AFTER_MS;
  assertEquals(acked(agent).filter((line) => line.startsWith("SIGTERM")).length, 1);
  agent.exited(null);
  assertEquals(agent.wait(10_000), []);
});

Deno.test("a frozen agent whose replica was killed by the keeper begins nothing when it is thawed", () => {
  const agent = running();
  agent.nowMs += 60_000;
  agent.exited(null);
  assertEquals([agent.seen().phase, agent.seen().crashes, agent.spawned.length], ["exited", 0, 1]);
  assertEquals(agent.wait(60_000), []);
});

Deno.test("contact counts only as the node that the replica is assigned to, and not from a former leader", () => {
  const agent = running();
  acked(agent, contactAt(agent.nowMs + 1, { epoch: 5 }));
  agent.wait(1_000);
  acked(agent, contactAt(agent.nowMs));
  assertEquals(agent.wait(2_000), [], "until 3 s after the word of epoch 5");
  assertEquals(agent.wait(1).length > 0, true);
  const other = running();
  other.wait(1_000);
  const lines = [...acked(other, contactAt(other.nowMs, { node: idOf("node", 7) })), ...other.tick()];
  assertEquals(lines.filter((line) => line.startsWith("SIGTERM")).length, 1);
});

Deno.test("a crash is restarted in contact, and not without", () => {
  const agent = running();
  agent.wait(1_000);
  assertEquals(agent.exited().filter((line) => line.startsWith("spawn")).length, 1);
  agent.started();
  agent.nowMs += STOP_AFTER_MS;
  agent.exited();
  assertEquals(agent.spawned.length, 2);
  assertEquals(agent.wait(60_000), []);
});

function adopted(contact: Contact | undefined, nowMs: number): LittleAgent {
  const record: AdoptedInstance = {
    instance: crypto.randomUUID(),
    replica: EXCLUSIVE.assignment.id,
    service: "web",
    slot: 0,
    port: 20_001,
    ports: {},
    startedAt: wallAt(nowMs - 5_000),
    restarts: 0,
    crashAgesMs: [],
    restartSeq: 0,
    pid: 7,
  };
  const start = { memory: memoryOf(1, [EXCLUSIVE]), adopted: [record], nowMs };
  return new LittleAgent(contact === undefined ? start : { ...start, contact });
}

Deno.test("a restarted agent goes on with the contact of its former process, and without any it stops what it adopts", () => {
  const agent = adopted(contactAt(999_000), 1_000_000);
  assertEquals(agent.tick(), []);
  assertEquals(agent.wait(1_999), []);
  assertEquals(agent.wait(1)[0], "SIGTERM web.0 leader");
  const heard = adopted(contactAt(999_000), 1_000_000);
  acked(heard, contactAt(1_000_500));
  assertEquals(heard.wait(3_499), []);
  assertEquals(adopted(undefined, 1_000_000).tick()[0], "SIGTERM web.0 leader");
});

Deno.test("an exclusive process whose order is forgotten is kept and stopped as if it were not, and not begun anew", () => {
  const first = running();
  const record: AdoptedInstance = { ...first.newest, pid: 7 };
  const contact = contactAt(first.nowMs);
  for (const memory of [NO_MEMORY, memoryOf(4, [])]) {
    const agent = new LittleAgent({ memory, adopted: [record], contact, nowMs: first.nowMs });
    assertEquals(agent.tick().filter((line) => line.startsWith("SIG")), []);
    const instances = [{ instance: record.instance, lastsMs: 5_000 }];
    assertEquals(kept(agent)?.leases, { contact, instances });
    assertEquals(agent.wait(STOP_AFTER_MS - 1), []);
    assertEquals(agent.wait(1)[0], "SIGTERM web.0 leader");
    agent.give({ kind: "exited", instance: record.instance, code: null, signal: "SIGKILL" });
    assertEquals(agent.wait(60_000).filter((line) => line.startsWith("spawn")), []);
  }
  const unheard = new LittleAgent({ memory: NO_MEMORY, adopted: [record], nowMs: first.nowMs });
  assertEquals(unheard.tick()[0], "SIGTERM web.0 leader");
});

Deno.test("what is remembered is not begun by a restarted agent before it is ordered in contact", () => {
  const agent = new LittleAgent({ memory: memoryOf(1, [EXCLUSIVE]), contact: contactAt(999_900) });
  agent.tick();
  assertEquals(agent.wait(1_000), []);
  assertEquals(agent.session.followed, { epoch: 0, revision: 0 });
  assertEquals(orderedBy(agent, 1).filter((line) => line.startsWith("spawn")).length, 1);
});

Deno.test("the keeper hears of every instance before it is begun, of each contact, and of the last one's end", () => {
  const agent = new LittleAgent();
  orderedBy(agent, 1);
  const kinds = agent.effects.map(({ kind }) => kind);
  assertEquals(kinds.indexOf("keep") < kinds.indexOf("spawn"), true, kinds.join());
  const { instance } = agent.newest;
  assertEquals(kept(agent)?.leases, { contact: contactAt(agent.nowMs), instances: [{ instance, lastsMs: 5_000 }] });
  agent.started();
  agent.wait(500);
  acked(agent);
  assertEquals(kept(agent)?.leases.contact.nowMs, agent.nowMs);
  const told = agent.effects.length;
  agent.tick();
  assertEquals(agent.effects.length, told, "nothing new is not told");
  agent.give({
    kind: "orders",
    orders: { cluster: CLUSTER, node: "n1", epoch: 1, revision: 2, replicas: [], services: [] },
  });
  agent.wait(10_000);
  agent.exited(null);
  assertEquals(kept(agent)?.leases.instances, []);
});

Deno.test("what was wanted in contact and is begun late, as the disk was full, has no longer to live for being heard again", () => {
  const agent = new LittleAgent();
  orderedBy(agent, 1);
  const { instance } = agent.newest;
  agent.wait(STOP_AFTER_MS);
  agent.nowMs += 1_000;
  acked(agent);
  const leases = { contact: contactAt(agent.nowMs), instances: [{ instance, lastsMs: 1_000 }] };
  assertEquals(kept(agent)?.leases, leases, "until 5 s after the contact in which it was ordered");
});

Deno.test("contact as another node gives a process that is being stopped no more time", () => {
  const other = { node: idOf("node", 7) };
  const agent = running();
  agent.wait(1_000);
  acked(agent, contactAt(agent.nowMs, other));
  const { instance } = agent.newest;
  assertEquals(kept(agent)?.leases.instances, [{ instance, lastsMs: 4_000 }]);
  const inherited = adopted(contactAt(999_000, other), 1_000_000);
  inherited.tick();
  assertEquals(kept(inherited)?.leases.instances.map(({ lastsMs }) => lastsMs), [0], "its own contact is not known");
});
