import { assertEquals } from "@std/assert";
import { NoAnswer } from "../../../lib/controller/agents/agent_client.ts";
import { type Harness, startApi } from "./harness.ts";

/** A replica whose agent answers so. */
async function replicaAnswering(harness: Harness, answer: () => Promise<Response>): Promise<string> {
  await harness.addNode("a");
  await harness.call("POST", "/scale", { body: { replicas: 1 } });
  await harness.shell.until(() => harness.api.state.replicas.size === 1, 1_000);
  harness.api.client.request = answer;
  return [...harness.api.state.replicas.keys()][0]!;
}

Deno.test("lines of a replica that are followed take one of the seats for streams, until they end", async () => {
  await using harness = await startApi();
  const endless = () => Promise.resolve(new Response(new ReadableStream({ pull: () => new Promise(() => {}) })));
  const path = `/v1/replicas/${await replicaAnswering(harness, endless)}/logs?follow=true`;
  const open = [await harness.call("GET", path), await harness.call("GET", path)];
  assertEquals(open.map(({ status }) => status), [200, 200]);
  const turnedAway = await harness.call("GET", path);
  assertEquals([turnedAway.status, turnedAway.headers.get("retry-after")], [503, "5"]);
  await open[0]!.body?.cancel();
  const next = await harness.call("GET", path);
  assertEquals(next.status, 200);
  await Promise.all([open[1]!.body?.cancel(), next.body?.cancel()]);
});

Deno.test("an agent that can't be asked for lines keeps no seat taken", async () => {
  await using harness = await startApi();
  const silent = () => Promise.reject(new NoAnswer("nobody is there"));
  const path = `/v1/replicas/${await replicaAnswering(harness, silent)}/logs`;
  for (let asked = 0; asked < 3; asked++) assertEquals((await harness.call("GET", path)).status, 502);
});
