import { assertEquals } from "@std/assert";
import { LINGER_MS } from "../../../lib/agent/session/withdrawal.ts";
import { assignment } from "../../support/builders.ts";
import { LittleAgent, order } from "../../support/little_agent.ts";

const WEB = order(assignment(1));
const STOPPED = order(assignment(1, { draining: true, reason: "scaled to 0" }));

Deno.test("a stop withdraws, signals the leader, and kills the tree at the timeout", () => {
  const agent = new LittleAgent();
  agent.up(order(assignment(1), { stop: { timeout: "5s" } }));
  const stopped = order(STOPPED.assignment, { stop: { timeout: "5s" } });
  assertEquals(agent.orders(stopped), ["web.0 draining: scaled to 0"]);
  assertEquals(agent.wait(LINGER_MS), ["SIGTERM web.0 leader", "web.0 stopping: scaled to 0"]);
  assertEquals(agent.wait(4_999), []);
  assertEquals(agent.wait(1), ["SIGKILL web.0 tree", "web.0 stopping: did not end within 5s, killed"]);
  assertEquals(agent.wait(600_000), [], "it is killed once");
  assertEquals(agent.exited(null), ["web.0 exited: was ended by SIGKILL"]);
  assertEquals(agent.orders(), ["gone web.0"]);
  assertEquals(agent.session.observations(), []);
});

Deno.test("a stop uses the signal of the spec", () => {
  const agent = new LittleAgent();
  agent.up(order(assignment(1), { stop: { signal: "SIGQUIT" } }));
  agent.orders();
  assertEquals(agent.wait(LINGER_MS)[0], "SIGQUIT web.0 leader");
});

Deno.test("a stop of a process that is just being started waits for it", () => {
  const agent = new LittleAgent();
  agent.orders(WEB);
  assertEquals(agent.orders(), ["web.0 draining: 0 of 1 placed"]);
  assertEquals(agent.wait(60_000), []);
  assertEquals(agent.started(), ["SIGTERM web.0 leader", "web.0 stopping: 0 of 1 placed"]);
});

Deno.test("open tunnels hold the stop until the last has closed", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  agent.give({ kind: "tunnels", replica: WEB.assignment.id, open: 2 });
  assertEquals(agent.orders(STOPPED), ["web.0 draining: scaled to 0"]);
  agent.wait(LINGER_MS);
  assertEquals(agent.seen().ready, false);
  assertEquals(agent.give({ kind: "tunnels", replica: WEB.assignment.id, open: 1 }), []);
  assertEquals(agent.give({ kind: "tunnels", replica: WEB.assignment.id, open: 0 })[0], "SIGTERM web.0 leader");
});

Deno.test("open tunnels hold the stop for 10 s at most, however often it is ordered", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  agent.give({ kind: "tunnels", replica: WEB.assignment.id, open: 1 });
  agent.orders(STOPPED);
  agent.wait(6_000);
  agent.orders(STOPPED);
  assertEquals(agent.wait(3_999), []);
  assertEquals(agent.wait(1)[0], "SIGTERM web.0 leader");
});

/** An agent whose only replica has this way of stopping, was up, and has been withdrawn with these tunnels open. */
function withdrawn(stop: Record<string, unknown>, tunnels = 0): LittleAgent {
  const agent = new LittleAgent();
  agent.up(order(WEB.assignment, { stop }));
  agent.give({ kind: "tunnels", replica: WEB.assignment.id, open: tunnels });
  agent.orders(order(STOPPED.assignment, { stop }));
  return agent;
}

const commandEnded = (agent: LittleAgent, ok: boolean, detail = "") =>
  agent.give({ kind: "stop_command_ended", instance: agent.newest.instance, ok, detail });

Deno.test("a withdrawn replica without tunnels is signalled a moment later, and takes those that come meanwhile", () => {
  const agent = withdrawn({});
  assertEquals(agent.session.portOf(WEB.assignment.id) !== undefined, true);
  assertEquals(agent.wait(LINGER_MS - 1), []);
  agent.give({ kind: "tunnels", replica: WEB.assignment.id, open: 1 });
  assertEquals(agent.wait(1_000), []);
  assertEquals(agent.give({ kind: "tunnels", replica: WEB.assignment.id, open: 0 })[0], "SIGTERM web.0 leader");
  assertEquals(agent.session.portOf(WEB.assignment.id), undefined);
});

Deno.test("stop.drain says how long tunnels hold the stop, and 0s that they don't", () => {
  const agent = withdrawn({ drain: "60s" }, 1);
  assertEquals(agent.wait(59_999), []);
  assertEquals(agent.wait(1)[0], "SIGTERM web.0 leader");
  assertEquals(withdrawn({ drain: "0s" }, 1).lines.at(-2), "SIGTERM web.0 leader");
});

Deno.test("stop.command runs once the tunnels have ended, and the signal follows its end", () => {
  const agent = withdrawn({ command: ["quit", "-w"] }, 1);
  assertEquals(agent.wait(5_000), []);
  assertEquals(agent.give({ kind: "tunnels", replica: WEB.assignment.id, open: 0 }), [
    "run quit -w for web.0",
    "web.0 stopping: scaled to 0",
  ]);
  assertEquals(agent.wait(1_000), []);
  assertEquals(commandEnded(agent, true), ["SIGTERM web.0 leader"]);
  assertEquals(commandEnded(agent, true), [], "it ends once");
});

Deno.test("stop.command runs at the drain deadline as well", () => {
  const agent = withdrawn({ command: ["quit"], drain: "5s" }, 1);
  assertEquals(agent.wait(5_000)[0], "run quit for web.0");
});

Deno.test("a stop command that fails is told, and the signal follows", () => {
  const agent = withdrawn({ command: ["quit"] });
  agent.wait(LINGER_MS);
  assertEquals(commandEnded(agent, false, "quit exited with code 3"), [
    "SIGTERM web.0 leader",
    "web.0 stopping: scaled to 0; its stop command failed: quit exited with code 3",
  ]);
});

Deno.test("stop.timeout covers command and signal together", () => {
  const late = withdrawn({ command: ["quit"], timeout: "5s" });
  late.wait(LINGER_MS);
  assertEquals(late.wait(4_999), []);
  assertEquals(late.wait(1), ["SIGKILL web.0 tree", "web.0 stopping: did not end within 5s, killed"]);
  assertEquals(commandEnded(late, false, "killed"), [], "no signal follows");
  const half = withdrawn({ command: ["quit"], timeout: "5s" });
  half.wait(LINGER_MS + 3_000);
  assertEquals(commandEnded(half, true), ["SIGTERM web.0 leader"]);
  assertEquals(half.wait(2_000)[0], "SIGKILL web.0 tree");
});

Deno.test("a stop command that ends the process is all it takes", () => {
  const agent = withdrawn({ command: ["quit"] });
  agent.wait(LINGER_MS);
  assertEquals(agent.exited(0), ["web.0 exited: exited with code 0"]);
  assertEquals(commandEnded(agent, true), []);
});

Deno.test("what newer orders want after all goes on if it was not yet asked to end", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  agent.orders();
  assertEquals(agent.wait(LINGER_MS - 1), []);
  assertEquals(agent.orders(WEB)[0], "probe web.0");
  assertEquals(agent.probed(true), ["web.0 running, ready"]);
  assertEquals(agent.wait(60_000).filter((line) => line.startsWith("SIG")), []);
});

Deno.test("what newer orders want after all ends in order if it was asked to, and starts anew", () => {
  const agent = new LittleAgent();
  agent.up(order(assignment(1), { stop: { timeout: "5s" } }));
  agent.orders();
  assertEquals(agent.wait(LINGER_MS)[0], "SIGTERM web.0 leader");
  const recalled = "was to be stopped, and is wanted after all";
  assertEquals(agent.orders(order(assignment(1), { stop: { timeout: "5s" } })), [`web.0 stopping: ${recalled}`]);
  assertEquals(agent.wait(5_000)[0], "SIGKILL web.0 tree");
  assertEquals(agent.exited(null)[0], "spawn web.0");
  assertEquals(agent.seen().reason, recalled);
  agent.started();
  agent.wait(15);
  assertEquals(agent.probed(true), ["web.0 running, ready"]);
});

Deno.test("an agent that leaves recalls nothing", () => {
  const agent = new LittleAgent();
  agent.up(WEB);
  agent.give({ kind: "leave", replicas: "drained" });
  agent.orders(WEB);
  agent.exited(0);
  assertEquals(agent.orders(WEB), []);
  assertEquals(agent.wait(60_000), []);
});
