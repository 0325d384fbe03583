import { assertEquals, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { AGENT_TOKEN, startAgent } from "../../ingress/agent_rig.ts";
import { serveReplica } from "../../ingress/rig.ts";
import { startEngine } from "./rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

test("a replica on another host is reached through its agent, over a tunnel that is used again", async () => {
  await using replica = serveReplica(async (request) => new Response(await request.text()));
  await using agent = startAgent(replica);
  await using rig = startEngine([agent], { access: { agentToken: AGENT_TOKEN } });
  for (const word of ["one", "two", "three"]) {
    const response = await fetch(rig.url, { method: "POST", body: word });
    assertEquals(await response.text(), word);
  }
  assertEquals(agent.tunnelChanges(), 1);
});

test("an agent that refuses is as good as none", async () => {
  await using replica = serveReplica(() => new Response("never"));
  await using agent = startAgent(replica);
  await using rig = startEngine([agent], { access: { agentToken: "another" }, route: { queue: { timeout: "1ms" } } });
  const response = await fetch(rig.url);
  assertEquals(response.status, 502);
  assertStringIncludes(await response.text(), "unreachable-replica");
});

test("a WebSocket goes through a tunnel", async () => {
  await using replica = serveReplica((request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(`got ${data}`);
    return response;
  });
  await using agent = startAgent(replica);
  await using rig = startEngine([agent], { access: { agentToken: AGENT_TOKEN } });
  const socket = new WebSocket(rig.url.replace("http", "ws"));
  const got = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
  socket.onopen = () => socket.send("hi");
  assertEquals(await got, "got hi");
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close(1000);
  await closed;
});
