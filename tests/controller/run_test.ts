import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Observation } from "../../lib/cluster/replica.ts";
import { ServiceLogLine } from "../../lib/wire/api.ts";
import { readLines } from "../../lib/wire/ndjson.ts";
import { until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { type FakeAgent, startFakeAgent } from "./fake_agent.ts";
import { type Running, startController } from "./run_harness.ts";

const options = { ignore: !granted };

Deno.test(
  "an agent is added, gets orders for what is scaled, and what it reports is in /status and in the table",
  options,
  async () => {
    await using agent = startFakeAgent("a");
    await using controller = await startController();
    const { status, body } = await controller.send("POST", "/add-node", { url: agent.url });
    assertEquals([status, body.name, body.url, body.status], [201, "a", agent.url, "ready"]);
    const again = await controller.send("POST", "/add-node", { url: `${agent.url}/` });
    assertEquals([again.status, again.body], [200, body]);

    await controller.send("POST", "/scale", { replicas: 1 });
    const id = await controller.eventually((status) => status.services[0]?.replicas[0]?.id);
    await controller.eventually(() => agent.orders.at(-1)?.replicas.length === 1);
    await agent.listened();
    agent.say({ kind: "observation", seq: 2, observation: running(id) });
    const replica = await controller.eventually((status) => {
      const [found] = status.services[0]?.replicas ?? [];
      return found?.ready ? found : undefined;
    });
    assertEquals([replica.phase, replica.pid, replica.port, replica.node], ["running", 77, 4_000, body.id]);
    assertEquals(controller.endpoints.get("payload")?.map(({ port, nodeUrl }) => [port, nodeUrl]), [[
      4_000,
      agent.url,
    ]]);
    const { body: discovered } = await controller.send("GET", "/v1/endpoints/payload");
    assertEquals((discovered.endpoints as unknown[]).length, 1);
  },
);

/** Between two lives nobody listens. */
async function isBeyond(controller: Running, epoch: number): Promise<boolean> {
  try {
    return (await controller.eventually((status) => status)).cluster.epoch > epoch;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return false;
  }
}

function running(replica: string): Observation {
  return {
    replica,
    service: "payload",
    slot: 0,
    instance: "i",
    phase: "running",
    ready: true,
    pid: 77,
    port: 4_000,
    ports: {},
    started_at: new Date().toISOString(),
    restarts: 0,
    crashes: 0,
    exit: null,
    reason: "ready",
    last_words: [],
  };
}

Deno.test(
  "add-node tells what it can't take: nobody there is 202, no agent is 422, a forbidden address 400",
  options,
  async () => {
    await using agent = startFakeAgent("a");
    await using controller = await startController();
    const pending = await controller.send("POST", "/add-node", { url: await addressOfNobody() });
    assertEquals([pending.status, pending.body.status], [202, "pending"]);
    agent.answer = () => new Response("<h1>It works</h1>");
    const other = await controller.send("POST", "/add-node", { url: agent.url });
    assertEquals(other.status, 422);
    assertStringIncludes(String(other.body.detail), "no agent of Muster");
    for (
      const url of ["http://2852039166", "http://169.254.169.254", "http://[fe80::1]", "ftp://h", "http://h#x", ""]
    ) {
      assertEquals((await controller.send("POST", "/add-node", { url })).status, 400, url);
    }
    assertEquals((await controller.send("POST", "/add-node", {})).status, 400);
  },
);

async function addressOfNobody(): Promise<string> {
  await using agent = startFakeAgent("gone");
  return agent.url;
}

function registrationOf(agent: FakeAgent) {
  const { identity, name, labels, capacity } = agent.health;
  return { url: agent.url, identity, name, labels, capacity, something_newer: true };
}

Deno.test(
  "an agent registers, moves to another address, and its clone is refused while it answers",
  options,
  async () => {
    await using clone = startFakeAgent("a");
    await using controller = await startController();
    {
      await using agent = startFakeAgent("a");
      const first = await controller.send("POST", "/v1/nodes", registrationOf(agent));
      assertEquals(first.status, 201);
      assertEquals((await controller.send("POST", "/v1/nodes", registrationOf(agent))).status, 200);
      const byName = { ...registrationOf(agent), url: agent.url.replace("127.0.0.1", "localhost") };
      assertEquals((await controller.send("POST", "/v1/nodes", byName)).status, 200, "the same place by another name");
      clone.health.identity = agent.health.identity;
      const refused = await controller.send("POST", "/v1/nodes", registrationOf(clone));
      assertEquals([refused.status, refused.body.type], [409, "urn:muster:problem:cloned-data-folder"]);
    }
    const moved = await controller.send("POST", "/v1/nodes", registrationOf(clone));
    assertEquals([moved.status, moved.body.url], [200, clone.url]);
    await controller.eventually((status) => status.nodes.length === 1 && status.nodes[0]?.status === "ready");
  },
);

Deno.test(
  "a node is drained and activated, and removed only when nothing runs on it or by force",
  options,
  async () => {
    await using agent = startFakeAgent("a");
    await using controller = await startController({ agents: [agent.url] });
    await controller.send("POST", "/scale", { replicas: 1 });
    await controller.eventually((status) => status.services[0]?.replicas.length === 1);
    const drained = await controller.send("POST", "/v1/nodes/a/drain");
    assertEquals([drained.status, drained.body.draining], [202, true]);
    assertEquals((await controller.send("POST", "/v1/nodes/a/activate")).body.draining, false);
    const refused = await controller.send("DELETE", "/v1/nodes/a");
    assertEquals(refused.status, 409);
    assertStringIncludes(String(refused.body.detail), "drain it first");
    assertEquals((await controller.send("DELETE", "/v1/nodes/a?force=true")).status, 200);
    assertEquals((await controller.send("GET", "/v1/nodes/a")).status, 404);
  },
);

Deno.test(
  "logs come from the agents: a replica's as they are, a service's with the name of each replica",
  options,
  async () => {
    await using agent = startFakeAgent("a");
    await using controller = await startController({ agents: [agent.url] });
    await controller.send("POST", "/scale", { replicas: 2 });
    const id = await controller.eventually(({ services: [service] }) => service?.replicas[1]?.id);
    const single = await fetch(`${controller.url}/v1/replicas/${id}/logs?tail=5`);
    assertEquals((await single.text()).split("\n").length, 3);
    const all = await fetch(`${controller.url}/v1/services/payload/logs`);
    const lines = (await all.text()).trimEnd().split("\n").map((line) => ServiceLogLine.parse(JSON.parse(line)));
    const told = lines.map(({ name, line }) => `${name} ${line}`).sort();
    assertEquals(told, ["payload.0 one", "payload.0 two", "payload.1 one", "payload.1 two"]);
  },
);

Deno.test("followed logs of a service take in replicas that come later", options, async () => {
  await using agent = startFakeAgent("a");
  await using controller = await startController({ agents: [agent.url] });
  const response = await fetch(`${controller.url}/v1/services/payload/logs?follow=true`);
  await controller.send("POST", "/scale", { replicas: 1 });
  for await (const line of readLines(response.body!, { lineBytesMax: 10_000 })) {
    assertEquals(JSON.parse(line).name, "payload.0");
    break;
  }
});

Deno.test(
  "events come as JSON and as a stream that goes on where it was left, and says when that is gone",
  options,
  async () => {
    await using agent = startFakeAgent("a");
    await using controller = await startController({ agents: [agent.url] });
    await controller.eventually((status) => status.nodes[0]?.status === "ready");
    const { body } = await controller.send("GET", "/v1/events");
    const [event] = body.events as { id: number; kind: string }[];
    assertEquals([event?.kind, body.gone], ["node_ready", false]);
    const parts = await streamed(controller, { "last-event-id": String((event?.id ?? 0) - 1) }, 2);
    assertStringIncludes(parts, `id: ${event?.id}\ndata: {`);
    assertStringIncludes(await streamed(controller, { "last-event-id": "1" }, 3), 'event: gone\ndata: {"after":1,');
    assertEquals((await controller.send("GET", "/v1/events?after=1")).body.gone, true);
  },
);

async function streamed({ url }: Running, headers: Record<string, string>, parts: number): Promise<string> {
  const response = await fetch(`${url}/v1/events`, { headers: { accept: "text/event-stream", ...headers } });
  let text = "";
  for await (const chunk of response.body!) {
    text += new TextDecoder().decode(chunk);
    if (text.split("\n\n").length > parts) break;
  }
  return text;
}

Deno.test("a controller ends at once, though streams are open", options, async () => {
  const controller = await startController();
  const events = await fetch(`${controller.url}/v1/events`, { headers: { accept: "text/event-stream" } });
  const logs = await fetch(`${controller.url}/v1/services/payload/logs?follow=true`);
  const beganMs = performance.now();
  await controller[Symbol.asyncDispose]();
  assertEquals(performance.now() - beganMs < 4_000, true, "it did not wait for its own deadline");
  await Promise.all([events.text(), logs.text()]);
});

Deno.test(
  "what was answered is there after a restart, under a larger epoch and with larger event ids",
  options,
  async () => {
    const data = await Deno.makeTempDir();
    try {
      let before: Record<string, unknown>;
      {
        await using controller = await startController({ store: "sqlite", data });
        await controller.send("PUT", "/v1/services/web", { command: ["x"], replicas: 2 });
        before = (await controller.send("GET", "/status")).body.cluster as Record<string, unknown>;
        const error = await assertRejects(() => startController({ store: "sqlite", data }));
        assertStringIncludes((error as Error).message, "another controller has it open");
      }
      await using controller = await startController({ store: "sqlite", data });
      const { body } = await controller.send("GET", "/status");
      const { epoch, revision } = body.cluster as Record<string, unknown>;
      assertEquals([Number(epoch) > Number(before.epoch), revision], [true, before.revision]);
      assertEquals((await controller.send("GET", "/v1/services/web")).body.desired, 2);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  },
);

Deno.test("a damaged store is refused with what to do", options, async () => {
  const data = await Deno.makeTempDir();
  await Deno.writeTextFile(
    `${data}/muster.db`,
    "this is no database, and long enough to be looked at as one".repeat(100),
  );
  const error = await assertRejects(() => startController({ store: "sqlite", data }));
  assertStringIncludes((error as Error).message, "restore a backup");
  await Deno.remove(data, { recursive: true });
});

Deno.test(
  "a restored backup is gone on with, at the same address and beyond all that agents heard",
  options,
  async () => {
    await using agent = startFakeAgent("a");
    await using controller = await startController();
    await controller.send("POST", "/add-node", { url: agent.url });
    await controller.send("POST", "/scale", { replicas: 1 });
    const id = await controller.eventually((status) => status.services[0]?.replicas[0]?.id);
    const backup = await (await fetch(`${controller.url}/v1/backup`)).bytes();
    await controller.send("POST", "/scale", { replicas: 3 });
    await controller.send("POST", "/v1/apply", { name: "shop", command: ["shop"] });
    const { cluster: before } = await controller.eventually((status) => status.services.length === 2 && status);

    const response = await fetch(`${controller.url}/v1/restore`, { method: "POST", body: backup });
    const restored = await response.json();
    assertEquals([response.status, restored.services, restored.removed], [200, ["payload"], ["shop"]]);
    await until(() => isBeyond(controller, before.epoch), { what: "the next life" });
    const { cluster: after } = await controller.eventually((status) => status);
    assertEquals(after.epoch, restored.epoch + 1);
    await controller.eventually(() => agent.orders.at(-1)?.epoch === after.epoch);
    assertEquals(agent.orders.at(-1)?.replicas.map(({ assignment }) => assignment.id), [id]);
  },
);
