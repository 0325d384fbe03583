import { assertEquals } from "@std/assert";
import { assignment } from "../../support/builders.ts";
import { LittleAgent, order } from "../../support/little_agent.ts";

const [A, B] = ["a".repeat(64), "b".repeat(64)];
const WEB = order(assignment(1), { artifact: { sha256: A }, health: undefined });
const NEXT = order(assignment(2), { artifact: { sha256: B }, health: undefined });

Deno.test("a replica waits for its artifact, says so, and is started as soon as that is here", () => {
  const agent = new LittleAgent({ artifacts: [] });
  agent.orders(WEB);
  assertEquals(agent.spawned.length, 0);
  assertEquals([agent.seen().phase, agent.seen().reason], ["pending", "waits for its artifact"]);
  assertEquals(agent.session.artifacts, { named: [A], lacking: [A] });
  assertEquals(agent.session.nextWakeMs(), undefined, "time alone brings nothing");
  agent.give({ kind: "artifact", sha256: B, here: true, reason: "" });
  assertEquals(agent.spawned.length, 0, "that was another's");
  agent.give({ kind: "artifact", sha256: A, here: true, reason: "" });
  assertEquals(agent.spawned.length, 1);
  assertEquals(agent.session.artifacts, { named: [A], lacking: [] });
});

Deno.test("what keeps an artifact from coming is told with the replica that waits for it", () => {
  const agent = new LittleAgent({ artifacts: [] });
  agent.orders(WEB);
  agent.give({ kind: "artifact", sha256: A, here: false, reason: "there is no room left" });
  assertEquals(agent.seen().reason, "waits for its artifact: there is no room left");
  agent.give({ kind: "artifact", sha256: A, here: false, reason: "" });
  assertEquals(agent.seen().reason, "waits for its artifact");
});

Deno.test("a replica whose artifact is here, or that has none, waits for nothing", () => {
  const agent = new LittleAgent({ artifacts: [A] });
  agent.orders(WEB, order(assignment(2), { health: undefined }));
  assertEquals(agent.spawned.length, 2);
});

Deno.test("an artifact that was lost is waited for at the next start, and leaves what runs alone", () => {
  const agent = new LittleAgent({ artifacts: [A] });
  agent.orders(WEB);
  agent.give({ kind: "spawned", instance: agent.newest.instance, pid: 7 });
  agent.give({ kind: "artifact", sha256: A, here: false, reason: "" });
  assertEquals(agent.seen().phase, "running");
  agent.give({ kind: "exited", instance: agent.newest.instance, code: 1, signal: null });
  agent.wait(60_000);
  assertEquals([agent.spawned.length, agent.seen().reason], [1, "waits for its artifact"]);
  agent.give({ kind: "artifact", sha256: A, here: true, reason: "" });
  assertEquals(agent.spawned.length, 2);
});

Deno.test("what is to be stopped, or is ordered no more, needs no artifact", () => {
  const agent = new LittleAgent({ artifacts: [] });
  agent.orders(WEB);
  agent.orders(order(assignment(1, { draining: true }), { artifact: { sha256: A } }));
  assertEquals(agent.session.artifacts.lacking, []);
  agent.orders(NEXT);
  assertEquals(agent.session.artifacts.lacking, [B]);
  agent.orders();
  assertEquals(agent.session.artifacts, { named: [], lacking: [] });
});

Deno.test("why an artifact didn't come is forgotten with the replicas that waited for it", () => {
  const agent = new LittleAgent({ artifacts: [] });
  agent.orders(WEB);
  agent.give({ kind: "artifact", sha256: A, here: false, reason: "there is no room left" });
  agent.orders(NEXT);
  agent.give({ kind: "artifact", sha256: B, here: false, reason: "" });
  agent.orders(WEB);
  assertEquals(agent.seen().reason, "waits for its artifact");
});
