import { assertEquals } from "@std/assert";
import { assignment, type SpecFields } from "../../support/builders.ts";
import { LittleAgent, order } from "../../support/little_agent.ts";

const CHECK = { http: "/primary", port: "api", interval: "100ms", unhealthy_after: 2 };
const [WRITES, READS] = [5_432, 5_433];

const database = (fields: SpecFields = {}) =>
  order(assignment(1), {
    ports: { api: 0 },
    tcp: [{ port: WRITES, check: CHECK }, { port: READS, check: { tcp: true, interval: "1s" } }, { port: 1 }],
    ...fields,
  });

const WITH = (check: typeof CHECK) => database({ tcp: [{ port: WRITES, check }] });

class Database extends LittleAgent {
  answer(ok: boolean, port = WRITES): string[] {
    const { instance } = this.newest;
    return this.give({ kind: "probed", instance, check: port, ok, detail: ok ? "" : "GET /primary gave 503" });
  }

  /** Lets the time of its interval pass, in which nothing else is asked, and answers. */
  next(ok: boolean): string[] {
    this.wait(100);
    return this.answer(ok);
  }

  get roles(): number[] | undefined {
    return this.seen().roles;
  }

  get asked() {
    return this.effects.filter((effect) => effect.kind === "probe" && typeof effect.check === "number");
  }
}

Deno.test("roles are asked for as soon as a replica is ready, at the port that the check names", () => {
  const agent = new Database();
  agent.orders(database());
  agent.started();
  agent.wait(15);
  assertEquals([agent.asked, agent.roles], [[], undefined]);
  const lines = agent.probed(true);
  assertEquals(lines, [`probe web.0 ${WRITES}`, `probe web.0 ${READS}`, "web.0 running, ready"]);
  const [writes, reads] = agent.asked.map((effect) => effect.kind === "probe" ? effect : undefined);
  assertEquals([writes?.at.port, writes?.health.http], [agent.newest.ports.api, "/primary"]);
  assertEquals([reads?.at.port, reads?.health.tcp], [agent.newest.port, true]);
  agent.answer(true, READS);
  assertEquals(agent.roles, [READS]);
  assertEquals(agent.answer(true), ["web.0 running, ready"]);
  assertEquals(agent.roles, [WRITES, READS]);
});

Deno.test("a role is lost after so many bad answers in a row, and readiness has nothing to do with it", () => {
  const agent = new Database();
  agent.up(WITH(CHECK));
  agent.wait(15);
  agent.answer(true);
  agent.next(false);
  assertEquals(agent.roles, [WRITES]);
  agent.next(true);
  agent.next(false);
  assertEquals(agent.roles, [WRITES]);
  agent.next(false);
  assertEquals([agent.roles, agent.seen().ready], [undefined, true]);
  agent.next(true);
  assertEquals(agent.roles, [WRITES]);
});

Deno.test("a role that is not there is asked for at the interval, not more often", () => {
  const agent = new Database();
  agent.up(WITH(CHECK));
  agent.wait(15);
  agent.answer(false);
  const before = agent.asked.length;
  assertEquals(agent.wait(99), []);
  agent.wait(1);
  assertEquals([agent.asked.length - before, agent.roles], [1, undefined]);
  assertEquals(agent.wait(60_000).filter((line) => line.includes(`${WRITES}`)), [], "one question at a time");
});

Deno.test("a replica that is not ready serves nothing, is not asked, and has to answer anew when it is back", () => {
  const agent = new Database();
  agent.up(database({ tcp: [{ port: WRITES, check: CHECK }], health: { http: "/", unhealthy_after: 1 } }));
  agent.wait(15);
  agent.answer(true);
  agent.wait(1_000);
  agent.probed(false);
  assertEquals([agent.seen().ready, agent.roles], [false, undefined]);
  const before = agent.asked.length;
  agent.answer(true);
  agent.wait(1_000);
  assertEquals([agent.asked.length, agent.roles], [before, undefined]);
  agent.probed(true);
  assertEquals([agent.seen().ready, agent.roles], [true, undefined]);
  agent.wait(15);
  agent.answer(true);
  assertEquals(agent.roles, [WRITES]);
});

Deno.test("a check that is changed takes effect on the running process, and what holds stays until it fails", () => {
  const agent = new Database();
  agent.up(WITH(CHECK));
  agent.wait(15);
  agent.answer(true);
  const started = agent.spawned.length;
  agent.orders(WITH(CHECK));
  assertEquals(agent.wait(15), [], "orders that repeat it ask nothing anew");
  agent.orders(WITH({ ...CHECK, http: "/leader", unhealthy_after: 1 }));
  assertEquals([agent.wait(15), agent.roles], [[`probe web.0 ${WRITES}`], [WRITES]]);
  agent.answer(false);
  assertEquals([agent.roles, agent.spawned.length], [undefined, started]);
  const asked = agent.asked.at(-1);
  assertEquals(asked?.kind === "probe" && asked.health.http, "/leader");
});

Deno.test("a check that is taken out of the spec is asked no more, and one that comes is", () => {
  const agent = new Database();
  agent.up(database({ tcp: [] }));
  assertEquals([agent.wait(500), agent.roles], [[], undefined]);
  agent.orders(WITH(CHECK));
  agent.wait(15);
  agent.answer(true);
  assertEquals(agent.roles, [WRITES]);
  agent.orders(database({ tcp: [{ port: WRITES }] }));
  assertEquals([agent.wait(200), agent.roles], [[], undefined]);
});

Deno.test("a replica that is withdrawn or started anew has no roles", () => {
  const agent = new Database();
  agent.up(WITH(CHECK));
  agent.wait(15);
  agent.answer(true);
  agent.exited();
  assertEquals(agent.roles, undefined);
  agent.started();
  agent.wait(15);
  agent.probed(true);
  agent.wait(15);
  assertEquals(agent.roles, undefined);
  agent.answer(true);
  assertEquals(agent.roles, [WRITES]);
  agent.orders(order(assignment(1, { draining: true }), WITH(CHECK).spec));
  assertEquals([agent.seen().phase, agent.roles], ["draining", undefined]);
});
