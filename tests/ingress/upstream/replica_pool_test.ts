/** The way through an agent on another host, with the agent's own relay in the middle. */
import { assertEquals, assertMatch } from "@std/assert";
import { Attendance } from "../../../lib/ingress/attendance.ts";
import { ReplicaConnection } from "../../../lib/ingress/upstream/replica_connection.ts";
import { ReplicaPool } from "../../../lib/ingress/upstream/replica_pool.ts";
import { granted } from "../../support/granted.ts";
import { serveReplica, startProxy } from "../rig.ts";
import { AGENT_TOKEN, startAgent } from "../agent_rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

test("requests reach a replica on another host through its agent, over a tunnel that is used again", async () => {
  const seen: Headers[] = [];
  await using replica = serveReplica(async (request) => {
    seen.push(new Headers(request.headers));
    return new Response(`${request.url} ${await request.text()}`);
  });
  await using agent = startAgent(replica);
  await using rig = startProxy([agent], { access: { agentToken: AGENT_TOKEN } });
  for (let round = 0; round < 3; round++) {
    const response = await fetch(`${rig.url}/a?b`, { method: "POST", body: "x" });
    assertEquals(await response.text(), `${rig.url}/a?b x`);
  }
  assertEquals(agent.tunnelChanges(), 1);
  assertEquals(seen.map((fields) => fields.get("authorization")), [null, null, null]);
});

test("an agent that refuses, or knows the replica no more, is like a dead replica", async () => {
  await using replica = serveReplica(() => new Response("far"));
  await using near = serveReplica(() => new Response("near"));
  await using agent = startAgent(replica);
  await using rig = startProxy([agent, near], { access: { agentToken: "wrong" } });
  assertEquals(await (await fetch(rig.url, { method: "POST", body: "x" })).text(), "near");
  agent.ports.clear();
  await using other = startProxy([agent, near], { access: { agentToken: AGENT_TOKEN } });
  assertEquals(await (await fetch(other.url, { method: "POST", body: "x" })).text(), "near");
  assertMatch(other.proxy.metrics(), /muster_proxy_ejections_total\{service="payload"\} 1\n/);
});

test("connections to a replica that has left the table are closed at once, also when no more requests come", async () => {
  await using replica = serveReplica(() => new Response("far"));
  await using near = serveReplica(() => new Response("near"));
  await using agent = startAgent(replica);
  await using rig = startProxy([agent], { access: { agentToken: AGENT_TOKEN } });
  await (await fetch(rig.url)).text();
  assertEquals(agent.tunnelChanges(), 1);
  rig.table.replace("payload", [near.endpoint]);
  while (agent.tunnelChanges() < 2) await new Promise((resolve) => setTimeout(resolve, 5));
});

test("a WebSocket reaches a replica on another host", async () => {
  await using replica = serveReplica((request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(`${new URL(request.url).pathname} ${data}`);
    return response;
  });
  await using agent = startAgent(replica);
  await using rig = startProxy([agent], { access: { agentToken: AGENT_TOKEN } });
  const socket = new WebSocket(`ws://127.0.0.1:${rig.port}/ws`);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  const answer = new Promise((resolve, reject) => {
    socket.onopen = () => socket.send("there");
    socket.onmessage = ({ data }) => resolve(data);
    socket.onerror = reject;
  });
  assertEquals(await answer, "/ws there");
  socket.close();
  await closed;
});

test("connections that have rested for too long are closed though no request comes, and nobody looks where none rest", async () => {
  await using replica = serveReplica(() => new Response("hello"));
  const looked = new Set<unknown>();
  let nowMs = 0;
  const sweep = { add: (one: unknown) => looked.add(one), delete: (one: unknown) => looked.delete(one) };
  const pool = new ReplicaPool({}, { now: () => nowMs, attendance: new Attendance(), sweep });
  const conns = await Promise.all([1, 2].map(() => Deno.connect({ port: replica.endpoint.port })));
  const [older, newer] = conns.map((conn) => new ReplicaConnection(conn));
  assertEquals([pool.take(replica.endpoint), pool.dueMs, looked.size], [undefined, Infinity, 0]);
  pool.give(replica.endpoint, older!);
  nowMs = 1_000;
  pool.give(replica.endpoint, newer!);
  assertEquals([pool.dueMs, looked.size], [1_500, 1]);
  pool.due(1_501);
  assertEquals([older!.isFree, newer!.isFree, pool.dueMs], [false, true, 2_500]);
  pool.due(2_501);
  assertEquals([newer!.isFree, pool.dueMs, looked.size], [false, Infinity, 0]);
});
