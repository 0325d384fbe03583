import { assert, assertEquals, assertGreater } from "@std/assert";
import fc from "fast-check";
import { seededRandom } from "../../../lib/runtime/random.ts";
import { CHECKS } from "../../../lib/cluster/health.ts";
import { LINGER_MS } from "../../../lib/agent/session/withdrawal.ts";
import { adoptedOf, assignment, CLUSTER, idOf, instanceRecord, type SpecFields } from "../../support/builders.ts";
import { LittleAgent, memoryOf, order } from "../../support/little_agent.ts";

const WEB = order(assignment(1));
const STOPPED = order(assignment(1, { draining: true, reason: "scaled to 0" }));
/** No health check: it counts as ready once it runs. */
const PLAIN = order(assignment(1), { health: undefined });

Deno.test("a session turns an order into a process, probes it, and tells that it is ready", () => {
  const agent = new LittleAgent();
  assertEquals(agent.orders(WEB), ["spawn web.0", "web.0 starting: not ready: not probed yet"]);
  assertEquals(agent.started(), ["web.0 starting: not ready: not probed yet"]);
  assertEquals(agent.wait(14), []);
  assertEquals(agent.wait(1), ["probe web.0"]);
  assertEquals(agent.probed(false), ["web.0 starting: not ready: refused"]);
  assertEquals(agent.wait(20), ["probe web.0"]);
  assertEquals(agent.probed(true), ["web.0 running, ready"]);
  assertEquals(agent.wait(2_000), ["probe web.0"], "one at a time");
});

Deno.test("a session remembers orders before it does anything about them", () => {
  const agent = new LittleAgent();
  agent.orders(WEB);
  assertEquals(agent.effects.map(({ kind }) => kind).slice(0, 2), ["remember", "spawn"]);
  assertEquals(agent.session.memory, memoryOf(1, [WEB]));
});

Deno.test("a session does nothing about the same orders twice", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  const { lines, reply } = agent.ordersAt({ epoch: 1, revision: 1 }, WEB);
  assertEquals(lines, []);
  assertEquals(reply, { kind: "accepted", epoch: 1, revision: 1 });
});

Deno.test("orders of a smaller epoch or revision change nothing", () => {
  const agent = new LittleAgent({ memory: { ...memoryOf(7, [WEB]), epoch: 3 } });
  const held = agent.session.observations();
  for (const at of [{ epoch: 2, revision: 99 }, { epoch: 3, revision: 6 }]) {
    assertEquals(agent.ordersAt(at), { lines: [], reply: { kind: "stale", epoch: 3, revision: 7 } });
  }
  assertEquals(agent.session.observations(), held);
  assertEquals(agent.session.followed, { epoch: 0, revision: 0 });
  assertEquals(agent.ordersAt({ epoch: 4, revision: 1 }, WEB).reply?.kind, "accepted");
});

Deno.test("orders of another cluster change nothing and name both", () => {
  const agent = new LittleAgent({ memory: memoryOf(7, [WEB]) });
  const asked = idOf("agent", 77);
  assertEquals(agent.ordersAt({ epoch: 9, revision: 9, cluster: asked }), {
    lines: [],
    reply: { kind: "foreign", bound: CLUSTER, asked },
  });
  assertEquals(agent.session.memory.cluster, CLUSTER);
});

Deno.test("orders that are meant for another agent change nothing and name both", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  const held = agent.session.observations();
  const meant = idOf("agent", 77);
  assertEquals(agent.ordersAt({ epoch: 9, revision: 9, identity: meant }), {
    lines: [],
    reply: { kind: "misdirected", meant, met: agent.session.identity },
  });
  assertEquals(agent.session.observations(), held);
});

Deno.test("a session stops nothing before the first list, and what the list omits after it", () => {
  const agent = new LittleAgent({ adopted: [adoptedOf(1), adoptedOf(2)] });
  agent.tick();
  assertEquals(agent.wait(60_000).filter((line) => line.startsWith("SIG")), []);
  assertEquals(agent.session.observations().length, 2);
  const lines = [...agent.orders(WEB), ...agent.wait(LINGER_MS)];
  assertEquals(lines.filter((line) => line.startsWith("SIG")), ["SIGTERM web.1 leader"]);
  agent.give({ kind: "exited", instance: adoptedOf(2).instance, code: 0, signal: null });
  assertEquals(agent.lines.at(-1), "gone web.1");
});

Deno.test("a session starts nothing after a reboot before the first list", () => {
  const agent = new LittleAgent({ memory: memoryOf(7, [WEB]), ended: [instanceRecord(1)], rebooted: true });
  agent.tick();
  assertEquals(agent.session.nextWakeMs(), undefined);
  agent.nowMs += 3_600_000;
  assertEquals(agent.tick(), []);
  assertEquals(agent.orders(WEB)[0], "spawn web.0");
});

Deno.test("a session that was not rebooted starts what it remembers, without a controller", () => {
  const agent = new LittleAgent({ memory: memoryOf(7, [WEB]) });
  assertEquals(agent.tick()[0], "spawn web.0");
});

Deno.test("an order to stop what was never here is followed without a process", () => {
  const agent = new LittleAgent();
  assertEquals(agent.orders(STOPPED), ["web.0 exited: does not run here"]);
  assertEquals(agent.orders(), ["gone web.0"]);
  assertEquals(agent.spawned, []);
});

Deno.test("leaving drained waits for the controller while one listens, and starts nothing meanwhile", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  agent.give({ kind: "audience", listeners: 1 });
  assertEquals(agent.give({ kind: "leave", replicas: "drained" }), ["leaving"]);
  assertEquals(agent.orders(WEB, order(assignment(2))).filter((line) => line.startsWith("spawn")), []);
  assertEquals(agent.wait(10_000).filter((line) => line.startsWith("SIG")), []);
  agent.orders(STOPPED);
  assertEquals(agent.wait(LINGER_MS)[0], "SIGTERM web.0 leader");
  assertEquals(agent.exited(0), ["web.0 exited: exited with code 0", "goodbye drained"]);
});

Deno.test("leaving drained stops all by itself when the controller takes too long", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  agent.give({ kind: "audience", listeners: 1 });
  agent.give({ kind: "leave", replicas: "drained" });
  assertEquals(agent.wait(14_999).filter((line) => line.startsWith("SIG")), []);
  assertEquals(agent.wait(1), ["web.0 draining: 0 of 1 placed"]);
  assertEquals(agent.wait(LINGER_MS), ["SIGTERM web.0 leader", "web.0 stopping: 0 of 1 placed"]);
  assertEquals(agent.exited(0).at(-1), "goodbye drained");
});

Deno.test("leaving drained stops all at once when nobody listens, when the last listener goes, and when told to", () => {
  const ways: Record<string, (agent: LittleAgent) => void> = {
    "nobody listens": (agent) => void agent.give({ kind: "leave", replicas: "drained" }),
    "the last listener goes": (agent) => {
      agent.give({ kind: "audience", listeners: 1 });
      agent.give({ kind: "leave", replicas: "drained" });
      agent.give({ kind: "audience", listeners: 0 });
    },
    "told to": (agent) => {
      agent.give({ kind: "audience", listeners: 1 });
      agent.give({ kind: "leave", replicas: "drained" });
      agent.give({ kind: "leave_now" });
    },
  };
  for (const [way, leave] of Object.entries(ways)) {
    const agent = new LittleAgent();
    agent.up(WEB);
    leave(agent);
    agent.wait(LINGER_MS);
    assert(agent.lines.includes("SIGTERM web.0 leader"), way);
    agent.exited(0);
    assertEquals(agent.lines.at(-1), "goodbye drained", way);
  }
});

Deno.test("leaving drained with nothing to stop says goodbye at once", () => {
  const agent = new LittleAgent();
  agent.give({ kind: "audience", listeners: 2 });
  assertEquals(agent.give({ kind: "leave", replicas: "drained" }), ["leaving", "goodbye drained"]);
});

Deno.test("leaving drained ends what waits for its next start as well", () => {
  const agent = new LittleAgent();
  agent.orders(PLAIN);
  for (let crash = 0; crash < 2; crash++) {
    agent.started();
    agent.exited();
  }
  assertEquals(agent.give({ kind: "leave", replicas: "drained" }).at(-1), "goodbye drained");
});

Deno.test("leaving with the replicas left says goodbye and touches none", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  agent.give({ kind: "audience", listeners: 1 });
  assertEquals(agent.give({ kind: "leave", replicas: "left" }), ["goodbye left"]);
  assertEquals(agent.wait(60_000).filter((line) => !line.startsWith("probe")), []);
});

Deno.test("goodbye is said once", () => {
  const agent = new LittleAgent();
  agent.give({ kind: "leave", replicas: "drained" });
  agent.give({ kind: "leave", replicas: "left" });
  agent.tick();
  assertEquals(agent.lines.filter((line) => line.startsWith("goodbye")), ["goodbye drained"]);
});

const step = fc.record({
  kind: fc.constantFrom(
    "order",
    "started",
    "failed",
    "taken",
    "exited",
    "ok",
    "bad",
    "command",
    "tunnels",
    "leave",
    "pass",
  ),
  pick: fc.nat(5),
  amount: fc.nat(4),
});

const specsOfLives: Record<number, SpecFields> = {
  3: { health: { tcp: true }, stop: { command: ["quit"], drain: "0s" } },
  4: { health: undefined },
  5: { startup: { tcp: true }, liveness: { http: "/", unhealthy_after: 1 }, stop: { command: ["quit"] } },
};

/** Plays one step of a random life on an agent. */
function live(agent: LittleAgent, { kind, pick, amount }: { kind: string; pick: number; amount: number }): void {
  const process = agent.spawned.at(-1 - pick);
  switch (kind) {
    case "order": {
      const wanted = [1, 2, 3].slice(0, amount).map((n) =>
        order(assignment(n, { draining: pick === n, restart_seq: pick % 3 }), specsOfLives[pick])
      );
      return void agent.orders(...wanted);
    }
    case "leave":
      agent.give({ kind: "audience", listeners: amount % 2 });
      if (pick === 0) agent.give({ kind: "leave", replicas: amount > 2 ? "left" : "drained" });
      return;
    case "tunnels":
      return void agent.give({ kind: "tunnels", replica: idOf("replica", 1 + pick % 3), open: amount % 3 });
    case "pass":
      return void agent.wait(amount * 4_000);
  }
  if (process === undefined) return;
  const { instance } = process;
  if (kind === "started") agent.give({ kind: "spawned", instance, pid: 100 + pick });
  else if (kind === "exited") agent.give({ kind: "exited", instance, code: amount, signal: null });
  else if (kind === "command") agent.give({ kind: "stop_command_ended", instance, ok: amount > 0, detail: "no" });
  else if (kind === "ok" || kind === "bad") {
    agent.give({ kind: "probed", instance, check: CHECKS[amount % 3]!, ok: kind === "ok", detail: kind });
  } else {agent.give({
      kind: "spawn_failed",
      instance,
      reason: "failed",
      takenPort: kind === "taken" ? process.port : undefined,
    });}
}

Deno.test("after a tick at its next wake, a session's next wake is later or there is none, in any life", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (life) => {
      const agent = new LittleAgent({ random: seededRandom(3) });
      for (const one of life) {
        live(agent, one);
        const wakeMs = agent.session.nextWakeMs();
        if (wakeMs === undefined) continue;
        agent.nowMs = Math.max(agent.nowMs, wakeMs);
        agent.tick();
        assertGreater(agent.session.nextWakeMs() ?? Infinity, agent.nowMs, `after ${one.kind}`);
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});

Deno.test("a replica never has two processes, in any life", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (life) => {
      const agent = new LittleAgent({ random: seededRandom(3) });
      const ended = new Set<string>();
      let seen = 0;
      for (const one of life) {
        const process = agent.spawned.at(-1 - one.pick);
        if (process !== undefined && ["exited", "failed", "taken"].includes(one.kind)) ended.add(process.instance);
        live(agent, one);
        for (const fresh of agent.spawned.slice(seen)) {
          const others = agent.spawned.slice(0, agent.spawned.indexOf(fresh))
            .filter((other) => other.replica === fresh.replica && !ended.has(other.instance));
          assertEquals(others, [], `${fresh.service}.${fresh.slot} was started beside another`);
        }
        seen = agent.spawned.length;
      }
    }),
    { numRuns: 500, seed: 2 },
  );
});
