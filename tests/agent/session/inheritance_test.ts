import { assertEquals } from "@std/assert";
import { adoptedOf, assignment, instanceRecord, wallAt } from "../../support/builders.ts";
import { LittleAgent, memoryOf, NO_MEMORY, order } from "../../support/little_agent.ts";

const WEB = order(assignment(1));

Deno.test("an adopted process goes on: no start, probed at once, with its restarts and its port", () => {
  const adopted = adoptedOf(1, { restarts: 3, crashAgesMs: [10_000] });
  const agent = new LittleAgent({ memory: memoryOf(7, [WEB]), adopted: [adopted] });
  assertEquals(agent.tick()[0], "probe web.0");
  agent.give({ kind: "probed", instance: adopted.instance, check: "health", ok: true, detail: "" });
  const seen = agent.seen();
  assertEquals([seen.ready, seen.pid, seen.port, seen.restarts], [true, 41, 20_001, 3]);
  assertEquals(agent.spawned, []);
});

Deno.test("crashes before the agent's own restart count on, as old as they are", () => {
  const ages = [0, 1_000, 2_000, 3_000];
  // Started 100 s ago: the crashes are 100 to 103 s old.
  const agent = new LittleAgent({ memory: memoryOf(7, [WEB]), adopted: [adoptedOf(1, { crashAgesMs: ages })] });
  agent.give({ kind: "exited", instance: adoptedOf(1).instance, code: 1, signal: null });
  assertEquals(agent.seen().crashes, 5);
  assertEquals(agent.session.nextWakeMs(), agent.nowMs + 8_000);
  const old = new LittleAgent({
    memory: memoryOf(7, [WEB]),
    adopted: [adoptedOf(1, { crashAgesMs: ages, startedAt: wallAt(600_000) })],
  });
  old.give({ kind: "exited", instance: adoptedOf(1).instance, code: 1, signal: null });
  assertEquals(old.seen().crashes, 1);
  assertEquals(old.lines.at(-1)?.startsWith("web.0 starting"), true, "restarted at once");
});

Deno.test("a process that ended while its agent was away is a crash", () => {
  const agent = new LittleAgent({ memory: memoryOf(7, [WEB]), ended: [instanceRecord(1, { crashAgesMs: [5_000] })] });
  assertEquals(agent.seen().reason, "ended while its agent was away; crash 2 in 5m, restart after 1 s");
  assertEquals(agent.seen().restarts, 1);
  assertEquals(agent.wait(1_000)[0], "spawn web.0");
});

Deno.test("what ended while its agent was away keeps its last words, and is no crash when it was to stop", () => {
  const ended = [{ ...instanceRecord(1), lastWords: ["no space left"] }];
  const agent = new LittleAgent({ memory: memoryOf(7, [WEB]), ended });
  assertEquals(agent.seen().last_words, ["no space left"]);
  const stopping = order(assignment(1, { draining: true }));
  const withdrawn = new LittleAgent({ memory: memoryOf(7, [stopping]), ended });
  const { phase, final, reason, restarts } = withdrawn.seen();
  assertEquals([phase, final, reason, restarts], ["exited", true, "ended while its agent was away", 0]);
});

Deno.test("how long an adopted process has been up does not follow the time of day where the host knows better", () => {
  const checks = {
    health: undefined,
    startup: { http: "/", start_period: "3m", interval: "1s" },
    liveness: { http: "/", interval: "1s", start_period: "5s" },
  };
  // The time of day was set two hours ahead since the start, 20 s ago.
  const adopted = adoptedOf(1, { startedAt: wallAt(1_000_000 - 7_220_000) });
  const agent = new LittleAgent({
    memory: memoryOf(3, [order(assignment(1), checks)]),
    adopted: [{ ...adopted, ageMs: 20_000 }],
  });
  assertEquals(agent.tick()[0], "probe web.0 startup");
  assertEquals(agent.seen().phase, "starting");
});

Deno.test("an orphan that ends before the first orders is not begun anew, unless they name it", () => {
  const agent = new LittleAgent({ memory: NO_MEMORY, adopted: [adoptedOf(1), adoptedOf(2)] });
  agent.tick();
  for (const n of [1, 2]) agent.give({ kind: "exited", instance: adoptedOf(n).instance, code: 1, signal: null });
  assertEquals(agent.wait(60_000).filter((line) => line.startsWith("spawn")), []);
  const lines = agent.orders(WEB);
  assertEquals(lines.filter((line) => /^(spawn|gone)/.test(line)), ["spawn web.0", "gone web.1"]);
});

Deno.test("an orphan that orders name after all is probed before it counts as ready", () => {
  const agent = new LittleAgent({ memory: NO_MEMORY, adopted: [adoptedOf(1)] });
  agent.tick();
  agent.orders(WEB);
  assertEquals(agent.seen().ready, false);
  agent.wait(15);
  agent.give({ kind: "probed", instance: adoptedOf(1).instance, check: "health", ok: true, detail: "" });
  assertEquals(agent.seen().ready, true);
  assertEquals(agent.spawned, []);
});
