/**
 * Replicas on a real agent: what is there before their process begins, and the reason when it can't be.
 * @module
 */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { Health } from "../../../lib/cluster/health.ts";
import { artifactOf, type ArtifactParts } from "../../support/artifact_parts.ts";
import { granted } from "../../support/granted.ts";
import { type AgentProcess, orderOf, startAgent, until } from "../agent_process.ts";

const ignore = !granted || Deno.build.os !== "linux";
const SLEEP = "exec sleep 600";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `agent ${name}`, ignore, fn });
}

const isReady = (observation: { ready: boolean }) => observation.ready;

/** What a replica has printed, once it has printed so many lines. */
async function printed(agent: AgentProcess, id: string, count: number): Promise<string[]> {
  return await until(async () => {
    const text = await (await fetch(`${agent.url}/v1/replicas/${id}/logs?stream=out`)).text();
    const lines = text.split("\n").filter(Boolean).map((line): string => JSON.parse(line).line);
    return lines.length >= count && lines;
  });
}

const reasonOf = async (agent: AgentProcess, id: string) =>
  (await agent.until(id, ({ reason }) => reason.includes("crash 2"))).reason;

test("puts variables into command, env and files, and no shell has a part in it", async () => {
  await using agent = await startAgent();
  const template = "listen ${PORT} ${PORT_METRICS}; $${x}; `id` $(id) ${GREETING}\n";
  const order = orderOf([
    "/bin/sh",
    "-c",
    `cat "$1"; echo "$2"; echo "$GREETING"; ${SLEEP}`,
    "x",
    "${MUSTER_FILES}/a.conf",
    "a ${PORT} ;b",
  ], {
    env: { GREETING: "slot ${MUSTER_SLOT}; $$" },
    files: { "a.conf": { template } },
    ports: { metrics: { port: 0 } },
  });
  const { id } = order.assignment;
  await agent.put({ replicas: [order] });
  const { port, ports } = await agent.until(id, isReady);
  assertEquals(Object.keys(ports), ["metrics"]);
  assertNotEquals(ports.metrics, port);
  assertEquals(await printed(agent, id, 3), [
    `listen ${port} ${ports.metrics}; \${x}; \`id\` $(id) slot 0; $$`,
    `a ${port} ;b`,
    "slot 0; $$",
  ]);
});

test("writes files anew for each start, and removes them with the replica", async () => {
  await using agent = await startAgent();
  const order = orderOf(["/bin/sh", "-c", `cat "$MUSTER_FILES/port"; ${SLEEP}`], {
    files: { port: { template: "${PORT}\n" } },
  });
  const { id } = order.assignment;
  await agent.put({ replicas: [order] });
  const first = await agent.until(id, isReady);
  await printed(agent, id, 1);
  using _squatter = Deno.listen({ hostname: "127.0.0.1", port: first.port! });
  Deno.kill(first.pid!, "SIGKILL");
  const second = await agent.until(id, (seen) => seen.ready && seen.restarts === 1);
  assertNotEquals(second.port, first.port);
  assertEquals(await printed(agent, id, 2), [String(first.port), String(second.port)]);
  const folder = `${agent.data}/files`;
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), [id]);
  await agent.put({ revision: 2, replicas: [] });
  await until(() => [...Deno.readDirSync(folder)].length === 0);
});

test("begins a replica in its working folder, and gives it the folder of its slot", async () => {
  await using agent = await startAgent();
  const cwd = await Deno.makeTempDir();
  await using _folder = { [Symbol.asyncDispose]: () => Deno.remove(cwd, { recursive: true }) };
  const order = orderOf(
    ["/bin/sh", "-c", `pwd; cat "$MUSTER_DATA/count"; echo more >>"$MUSTER_DATA/count"; echo kept; ${SLEEP}`],
    {
      cwd,
      data: { per_slot: true },
    },
  );
  const { id } = order.assignment;
  await agent.put({ replicas: [order] });
  await agent.until(id, isReady);
  assertEquals(await printed(agent, id, 2), [cwd, "kept"]);
  const folder = `${agent.data}/slots/web.0`;
  assertEquals(Deno.readTextFileSync(`${folder}/count`), "more\n");
  assertEquals((Deno.statSync(folder).mode ?? 0) & 0o777, 0o700);
  // Another replica of the same slot finds what the former one left.
  const next = { ...order, assignment: { ...order.assignment, id: crypto.randomUUID() } };
  await agent.put({ revision: 2, replicas: [next] });
  await agent.until(next.assignment.id, isReady);
  assertEquals(await printed(agent, next.assignment.id, 3), [cwd, "more", "kept"]);
});

test("says what keeps a replica from being started", async () => {
  await using agent = await startAgent();
  using squatter = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = squatter.addr;
  const restart = { backoff: "10ms", backoff_max: "10ms", attempts: 5, window: "5m" };
  const [command, env, file, folder, noFolder, fixed] = [
    orderOf(["sleep", "${NOPE}"], { restart }),
    orderOf(["sleep", "1"], { restart, env: { A: "${NOPE}" } }),
    orderOf(["sleep", "1"], { restart, files: { "a.conf": { template: "${1}" } } }),
    orderOf(["sleep", "1"], { restart, cwd: `${agent.data}/nowhere` }),
    orderOf(["sleep", "1"], { restart, cwd: `${agent.data}/node-id` }),
    orderOf(["sleep", "1"], { restart, ports: { pg: { port } } }),
  ] as const;
  const orders = [command, env, file, folder, noFolder, fixed].map((order, slot) => ({
    ...order,
    assignment: { ...order.assignment, slot },
  }));
  await agent.put({ replicas: orders });
  const why = (order: typeof command) => reasonOf(agent, order.assignment.id);
  assertMatch(await why(command), /^Cannot make its command: there is no variable NOPE; /);
  assertMatch(await why(env), /^Cannot make the variable A: there is no variable NOPE; /);
  assertMatch(await why(file), /^Cannot write a\.conf: "\$\{1\}" names no variable: /);
  assertMatch(await why(folder), /^Cannot start it in .*\/nowhere: it is not there; make it on this node/);
  assertMatch(await why(noFolder), /^Cannot start it in .*\/node-id: it is no folder/);
  assertMatch(await why(fixed), new RegExp(`^port ${port} \\("pg"\\) is in use on 127\\.0\\.0\\.1: free it`));
});

test("keeps the ports of a replica that it takes over, and carries connections to them by name", async () => {
  await using agent = await startAgent();
  const server = `for (const name of ["PORT", "PORT_METRICS", "PORT_PEERS"]) {
    const hostname = name === "PORT_PEERS" ? Deno.env.get("NODE_ADDRESS") : Deno.env.get("HOST");
    Deno.serve({ port: Number(Deno.env.get(name)), hostname, onListen() {} }, () => new Response(name));
  }`;
  await Deno.writeTextFile(`${agent.data}/server.js`, server);
  const order = orderOf([Deno.execPath(), "run", "-A", "--no-config", `${agent.data}/server.js`], {
    health: Health.parse({ tcp: true, interval: "50ms" }),
    ports: { metrics: { port: 0 }, peers: { port: 0, expose: "node" } },
  });
  const { id } = order.assignment;
  await agent.put({ replicas: [order] });
  const before = await agent.until(id, isReady);
  Deno.kill(agent.pid, "SIGKILL");
  await agent.ended;
  await using successor = await startAgent({ data: agent.data });
  const after = await successor.until(id, isReady);
  assertEquals([after.ports, after.pid], [before.ports, before.pid]);
  const client = Deno.createHttpClient({ proxy: { url: successor.url } });
  try {
    const ask = async (headers: Record<string, string>) => {
      const response = await fetch(`http://${id}.replica/`, { client, headers });
      return response.status === 200 ? await response.text() : String(response.status) + await response.text();
    };
    assertEquals(await ask({}), "PORT");
    assertEquals(await ask({ "muster-port": "main" }), "PORT");
    assertEquals(await ask({ "muster-port": "metrics" }), "PORT_METRICS");
    assertEquals(await ask({ "muster-port": "peers" }), "PORT_PEERS");
    for (const name of ["nope", "constructor"]) {
      const refused = await ask({ "muster-port": name });
      assert(refused.startsWith("404") && refused.includes(`this agent has no port \\"${name}\\"`), refused);
    }
  } finally {
    client.close();
  }
});

test("runs a health command with the variables put in", async () => {
  await using agent = await startAgent();
  const command = ["/bin/sh", "-c", 'test "$1" = "$PORT_METRICS"', "x", "${PORT_METRICS}"];
  const order = orderOf(["sleep", "600"], {
    health: Health.parse({ command, interval: "50ms" }),
    ports: { metrics: { port: 0 } },
  });
  await agent.put({ replicas: [order] });
  await agent.until(order.assignment.id, isReady);
});

test("begins a replica in its artifact, with the program that is in it", async () => {
  await using agent = await startAgent();
  const artifact = artifactOf({ "run.sh*": `#!/bin/sh\npwd\ncat "$1"\n${SLEEP}\n`, "web/a.txt": "a text\n" });
  const order = orderOf(["run.sh", "a.txt"], { artifact: { sha256: artifact.sha256 }, cwd: "web" });
  const { id } = order.assignment;
  await agent.put({ replicas: [order] });
  await agent.until(id, ({ reason }) => reason === "waits for its artifact");
  await pushed(agent, artifact);
  await agent.until(id, isReady);
  const folder = await Deno.realPath(`${agent.data}/artifacts/${artifact.sha256}/files`);
  assertEquals(await printed(agent, id, 2), [`${folder}/web`, "a text"]);
});

/** Gives an agent what a controller would. */
async function pushed(agent: AgentProcess, { sha256, text, chunks }: ArtifactParts): Promise<void> {
  const list = async () => {
    const response = await fetch(`${agent.url}/v1/artifacts/${sha256}`, { method: "POST", body: text });
    return (await response.json()).missing;
  };
  assertEquals((await list()).toSorted(), [...chunks.keys()].toSorted());
  for (const [digest, body] of chunks) {
    const response = await fetch(`${agent.url}/v1/chunks/${digest}`, { method: "PUT", body });
    assertEquals(response.status, 204, await response.text());
    const wrong = await fetch(`${agent.url}/v1/chunks/${sha256}`, { method: "PUT", body });
    assertEquals([wrong.status, (await wrong.json()).type], [400, "urn:muster:problem:digest-mismatch"]);
  }
  assertEquals(await list(), []);
}
