import { assertEquals, assertNotEquals } from "@std/assert";
import { LINGER_MS } from "../../../lib/agent/session/withdrawal.ts";
import { assignment, idOf, type SpecFields } from "../../support/builders.ts";
import { LittleAgent, order } from "../../support/little_agent.ts";

const WEB = order(assignment(1));
const STOPPED = order(assignment(1, { draining: true, reason: "scaled to 0" }));
/** No health check: it counts as ready once it runs. */
const PLAIN = order(assignment(1), { health: undefined });

Deno.test("a taken port is tried elsewhere, three ports in all, then the reason says which", () => {
  const agent = new LittleAgent({ ports: { from: 20_000, to: 20_003 } });
  agent.orders(WEB);
  const taken = () =>
    agent.give({
      kind: "spawn_failed",
      instance: agent.newest.instance,
      reason: "in use",
      takenPort: agent.newest.port,
    });
  assertEquals(taken()[0], "spawn web.0");
  assertEquals(taken()[0], "spawn web.0");
  const ports = agent.spawned.map(({ port }) => port);
  assertEquals(new Set(ports).size, 3, "each another port");
  taken();
  assertEquals(agent.spawned.length, 4, "the next attempt is a restart, as after a crash");
  assertEquals(agent.seen().crashes, 1);
  const again = [taken(), taken(), taken()].flat();
  assertEquals(again.at(-1)?.startsWith("web.0 pending: no free port: "), true, again.at(-1));
  assertEquals(again.at(-1)?.endsWith("are in use; crash 2 in 5m, restart after 1 s"), true, again.at(-1));
});

Deno.test("ports of starts that failed are given back", () => {
  const agent = new LittleAgent({ ports: { from: 20_000, to: 20_009 } });
  agent.orders(WEB);
  for (let attempt = 0; attempt < 40; attempt++) {
    agent.give({
      kind: "spawn_failed",
      instance: agent.newest.instance,
      reason: "no such program",
      takenPort: undefined,
    });
    agent.wait(60_000);
  }
  assertEquals(agent.spawned.length, 41);
  agent.orders();
  agent.give({
    kind: "spawn_failed",
    instance: agent.newest.instance,
    reason: "no such program",
    takenPort: undefined,
  });
  agent.wait(300_000);
  for (let n = 2; n <= 6; n++) {
    agent.orders(...[2, 3, 4, 5, 6].slice(0, n - 1).map((one) => order(assignment(one))));
    assertEquals(agent.newest.replica, idOf("replica", n), "no port was left");
  }
});

Deno.test("a larger restart_seq stops and starts it anew, which is no crash", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  const again = order(assignment(1, { restart_seq: 1 }));
  agent.orders(again);
  assertEquals(agent.wait(LINGER_MS)[0], "SIGTERM web.0 leader");
  assertEquals(agent.exited(0).includes("spawn web.0"), true);
  agent.started();
  assertEquals([agent.seen().crashes, agent.seen().restarts, agent.newest.restartSeq], [0, 1, 1]);
  assertEquals(agent.orders(again), [], "the same number asks for nothing");
});

Deno.test("a restart that is asked for ends the wait of a back-off", () => {
  const agent = new LittleAgent();
  agent.orders(PLAIN);
  for (let crash = 0; crash < 3; crash++) {
    agent.started();
    agent.exited();
    if (crash === 1) agent.wait(1_000);
  }
  assertEquals(agent.seen().phase, "exited");
  assertEquals(agent.orders(order(assignment(1, { restart_seq: 1 }), { health: undefined }))[0], "spawn web.0");
});

Deno.test("a restart and a stop that both come end in a stop", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  agent.orders(order(assignment(1, { restart_seq: 1 })));
  agent.orders(order(assignment(1, { restart_seq: 1, draining: true })));
  agent.exited(0);
  agent.wait(60_000);
  assertEquals(agent.spawned.length, 1);
  assertEquals(agent.seen().phase, "exited");
});

Deno.test("news of an instance that is no more changes nothing", () => {
  const agent = new LittleAgent();
  agent.up(PLAIN);
  const { instance } = agent.newest;
  agent.exited();
  agent.started();
  assertNotEquals(agent.newest.instance, instance);
  assertEquals(agent.give({ kind: "exited", instance, code: 9, signal: null }), []);
  assertEquals(agent.give({ kind: "probed", instance, check: "health", ok: false, detail: "late" }), []);
  assertEquals(agent.give({ kind: "spawned", instance, pid: 1 }), []);
  assertEquals(agent.seen().ready, true);
});

const FLOOD = "it wrote 812 MB of log in 1.0 s, more than 50 MB/s";
const floods = (agent: LittleAgent) => agent.give({ kind: "flooded", instance: agent.newest.instance, reason: FLOOD });

Deno.test("a replica that floods its log is stopped, which is a crash with that reason", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  assertEquals(floods(agent), ["SIGTERM web.0 leader", `web.0 stopping: was stopped: ${FLOOD}`]);
  assertEquals(floods(agent), [], "it is stopped once");
  assertEquals(agent.exited(null).slice(0, 3), [
    "spawn web.0",
    `web.0 starting: was stopped: ${FLOOD}; restarted at once`,
  ]);
  agent.started();
  floods(agent);
  assertEquals(agent.exited(null).at(-1), `web.0 exited: was stopped: ${FLOOD}; crash 2 in 5m, restart after 1 s`);
  assertEquals([agent.seen().crashes, agent.seen().restarts], [2, 2]);
});

Deno.test("a replica that floods its log has 2 s to end, whatever its spec says", () => {
  const agent = new LittleAgent();
  agent.up(order(assignment(1), { stop: { timeout: "60s" } }));
  floods(agent);
  assertEquals(agent.wait(1_999), []);
  assertEquals(agent.wait(1)[0], "SIGKILL web.0 tree");
});

Deno.test("a flood from a replica that is being withdrawn ends the wait for its connections, and it stays stopped", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  agent.give({ kind: "tunnels", replica: WEB.assignment.id, open: 1 });
  agent.orders(STOPPED);
  assertEquals(floods(agent), ["SIGTERM web.0 leader", "web.0 stopping: scaled to 0"]);
  agent.exited(null);
  assertEquals([agent.wait(60_000), agent.seen().crashes], [[], 0]);
});

Deno.test("a stop that is ordered while a flood is being ended is the end", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  floods(agent);
  agent.orders(STOPPED);
  agent.exited(null);
  agent.wait(60_000);
  assertEquals([agent.spawned.length, agent.seen().phase], [1, "exited"]);
});

Deno.test("a crash is told with its reason also when there is no health check to wait for", () => {
  const agent = new LittleAgent();
  agent.orders(PLAIN);
  agent.started();
  assertEquals(agent.exited(3).at(-1), "web.0 starting: exited with code 3; restarted at once");
  assertEquals(agent.started(), ["web.0 running, ready"]);
});

const web = (fields: SpecFields) => order(assignment(1), fields);
const STARTING = web({ startup: { http: "/up", start_period: "30s" }, stop: { timeout: "5s" } });
const LIVING = web({ liveness: { http: "/livez", start_period: "0s", unhealthy_after: 2 } });

Deno.test("a replica that needs 25 s to start is not ready, and not ended, before", () => {
  const agent = new LittleAgent();
  agent.orders(STARTING);
  agent.started();
  const fromMs = agent.nowMs;
  while (agent.nowMs < fromMs + 25_000) {
    if (agent.wait(100).includes("probe web.0 startup")) agent.probed(false, { check: "startup", detail: "refused" });
  }
  assertEquals([agent.seen().phase, agent.seen().reason], ["starting", "not ready: refused"]);
  agent.wait(1_000);
  agent.probed(true, { check: "startup" });
  assertEquals(agent.wait(15), ["probe web.0"]);
  assertEquals(agent.probed(true), ["web.0 running, ready"]);
});

Deno.test("a replica that does not start in time is stopped, which is a crash with that reason", () => {
  const agent = new LittleAgent();
  agent.orders(STARTING);
  agent.started();
  agent.wait(20_000);
  agent.probed(false, { check: "startup", detail: "GET /up gave 503" });
  const why = "did not start within 30s: GET /up gave 503";
  assertEquals(agent.wait(10_000).slice(-2), ["SIGTERM web.0 leader", `web.0 stopping: ${why}`]);
  assertEquals(agent.wait(5_000)[0], "SIGKILL web.0 tree");
  assertEquals(agent.exited(null).at(-1), `web.0 starting: ${why}; restarted at once`);
  assertEquals([agent.seen().crashes, agent.seen().restarts], [1, 1]);
  agent.started();
  agent.wait(30_000);
  assertEquals(
    agent.exited(0).at(-1),
    "web.0 exited: did not start within 30s: not probed yet; crash 2 in 5m, restart after 1 s",
  );
});

Deno.test("a replica that fails its liveness check is withdrawn, stopped and started anew with back-off", () => {
  const agent = new LittleAgent();
  agent.up(LIVING);
  agent.probed(false, { check: "liveness", detail: "no answer within 500ms" });
  assertEquals(agent.seen().ready, true);
  agent.wait(1_000);
  const why = "failed its liveness check: no answer within 500ms";
  assertEquals(agent.probed(false, { check: "liveness", detail: "no answer within 500ms" }), [
    "SIGTERM web.0 leader",
    `web.0 stopping: ${why}`,
  ]);
  assertEquals(agent.seen().ready, false);
  assertEquals(agent.exited(null).at(-1), `web.0 starting: ${why}; restarted at once`);
});

Deno.test("a stop command runs also before what failed its liveness check is ended", () => {
  const agent = new LittleAgent();
  agent.up(web({ ...LIVING.spec, stop: { command: ["quit"] } }));
  agent.probed(false, { check: "liveness" });
  agent.wait(1_000);
  assertEquals(agent.probed(false, { check: "liveness" })[0], "run quit for web.0");
});

Deno.test("a failure of readiness takes it out of use at once and ends nothing", () => {
  const agent = new LittleAgent();
  agent.up(web({ health: { http: "/", unhealthy_after: 2 } }));
  agent.wait(1_000);
  assertEquals(agent.probed(false), []);
  agent.wait(1_000);
  assertEquals(agent.probed(false, { detail: "GET / gave 500" }), ["web.0 running: not ready: GET / gave 500"]);
  assertEquals(agent.wait(600_000).filter((line) => line.startsWith("SIG")), []);
});

Deno.test("one probe of each kind is under way at most, however long it takes", () => {
  const agent = new LittleAgent();
  agent.orders(LIVING);
  agent.started();
  assertEquals(agent.wait(600_000), ["probe web.0", "probe web.0 liveness"]);
});

Deno.test("a check that is changed in place leaves a ready replica ready, and its process alone", () => {
  const agent = new LittleAgent();
  agent.up(web({}));
  assertEquals(agent.orders(web({ health: { http: "/other", unhealthy_after: 1 } })), []);
  assertEquals(agent.seen().ready, true);
  assertEquals(agent.wait(15), ["probe web.0"]);
  assertEquals(agent.probed(false, { detail: "GET /other gave 404" }), [
    "web.0 running: not ready: GET /other gave 404",
  ]);
});

Deno.test("a check asks the port that it names", () => {
  const agent = new LittleAgent();
  agent.orders(web({ ports: { admin: { expose: "node" } }, health: { http: "/", port: "admin" } }));
  agent.started();
  agent.wait(15);
  const probes = agent.effects.filter((effect) => effect.kind === "probe");
  assertEquals(probes.map(({ at }) => at), [{ port: agent.newest.ports.admin!, exposed: true }]);
});
