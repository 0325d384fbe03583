/**
 * Session B with each program on a host of its own, open as in a lab and guarded by a token; and what a host lets in
 * from the others: nothing but what its agent allows, and the ports that a service exposes.
 * @module
 */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { type LocalProgram, startProgram, until } from "../../scripts/local_program.ts";
import { EndpointList } from "../../lib/wire/api.ts";
import { RawClient } from "../agent/raw_client.ts";
import { replicasIn, startCluster } from "../support/cluster.ts";
import { canMakeNetLab, type NetHost, openNetLab } from "../support/netns.ts";
import { openSession, type Session, workerOf } from "./session.ts";
import { playSessionB } from "./session_b.ts";

const TOKEN = "a-token-of-this-test";

function test(name: string, fn: () => Promise<void>): void {
  const reason = canMakeNetLab ? "" : " (needs Linux, root, ip and nft)";
  Deno.test({ name: `${name}${reason}`, ignore: !canMakeNetLab, fn });
}

test("session B on three hosts, with --insecure", async () => {
  await using hosts = await startHosts(["--insecure"]);
  await playSessionB(openSession(hosts.controller, { 9000: hosts.controller }));
});

test("session B on three hosts, with a token that agents register with", async () => {
  await using guarded = await startGuarded();
  const { controller, session } = guarded;
  await playSessionB(session, { bearer: TOKEN });

  assertEquals(JSON.parse(await session.type("curl http://HOST:9000/healthz")), { status: "ok" });
  workerOf(await session.type("curl http://HOST:9000/"));
  const other = `-H "Authorization: Bearer another-token"`;
  for (
    const refused of [
      "curl http://HOST:9000/status",
      `curl ${other} http://HOST:9000/status`,
      `curl -X POST -d '{"replicas":1}' http://HOST:9000/scale`,
      `curl -X POST -d '{"url":"http://198.18.0.9:9090"}' http://HOST:9000/add-node`,
    ]
  ) assertEquals(JSON.parse(await session.type(refused)).status, 401, refused);
  assertEquals((await session.status()).services[0]?.desired, 3);
  assert(!controller.log().includes(TOKEN), "the token is in no log");
});

test("from another host a replica is reached by its agent's tunnel alone, and with the token alone", async () => {
  await using guarded = await startGuarded();
  const { agents, session } = guarded;
  await session.type(`curl -H "Authorization: Bearer ${TOKEN}" -X POST -d '{"replicas":2}' http://HOST:9000/scale`);
  const replicas = await session.untilReady(2);
  const { nodes } = await session.status();
  assertEquals(new Set(replicas.map(({ node }) => node)).size, 2);
  for (const { id, node, port } of replicas) {
    const { hostname } = new URL(nodes.find((each) => each.id === node)!.url);
    await assertRejects(() => Deno.connect({ hostname, port: port! }), Deno.errors.ConnectionRefused);
    const its = agents.find(({ url }) => new URL(url).hostname === hostname)!;
    const others = agents.find((agent) => agent !== its)!;

    for (const path of ["/v1/health", "/v1/observations", "/metrics", `/v1/replicas/${id}/logs`]) {
      assertEquals(await statusOf(its, { method: "GET", target: path }), 401, path);
    }
    assertEquals(await statusOf(its, { method: "PUT", target: "/v1/assignments", body: "{}" }), 401);
    assertEquals(await statusOf(its, { method: "GET", target: "/v1/health", token: TOKEN }), 200);

    assertEquals(await statusOf(its, { method: "CONNECT", target: id }), 401);
    assertEquals(await statusOf(its, { method: "CONNECT", target: id, token: "another-token" }), 401);
    assertEquals(await statusOf(its, { method: "CONNECT", target: `127.0.0.1:${port}`, token: TOKEN }), 403);
    assertEquals(await statusOf(others, { method: "CONNECT", target: id, token: TOKEN }), 404);
    assertEquals(await greetedThrough(its, id), id);
  }
});

test("an exposed port is reached from another host at the address that the endpoints tell", async () => {
  await using lab = await openNetLab(2);
  await using cluster = await startCluster({ agents: lab.hosts, controller: lab.here });
  await cluster.putService("open", {
    command: ["payload", "--host", "${NODE_ADDRESS}", "--port", "${PORT_WEB}"],
    replicas: 2,
    ports: { web: { expose: "node" } },
    health: { command: ["sh", "-c", "exit 0"] },
  });
  const replicas = await cluster.ready(2, { service: "open" });
  const response = await fetch(`${cluster.controller.url}/v1/endpoints/open`);
  const { endpoints } = EndpointList.parse(await response.json());
  assertEquals(endpoints.map(({ address }) => address).toSorted(), lab.hosts.map(({ address }) => address).toSorted());
  for (const { replica, address, ports } of endpoints) {
    const greeting = await until(() => textAt(`http://${address}:${ports.web}/`), { what: `${replica} to answer` });
    assertEquals(workerOf(greeting), replica);
    assertNotEquals(ports.web, replicas.find(({ id }) => id === replica)?.port);
  }
  assertEquals(replicasIn(await cluster.status(), "open").map(({ restarts }) => restarts), [0, 0]);
});

interface Hosts extends AsyncDisposable {
  controller: LocalProgram;
  agents: readonly LocalProgram[];
}

/** A controller and two agents that register themselves, each on a host of its own. */
async function startHosts(args: readonly string[]): Promise<Hosts> {
  await using stack = new AsyncDisposableStack();
  const lab = stack.use(await openNetLab(3));
  const place = ({ prefix, address }: NetHost) => ({ prefix: prefix!, args: ["--host", address, ...args] });
  const [first, ...others] = lab.hosts.map(place);
  const controller = stack.use(await startProgram("controller", first));
  const agents: LocalProgram[] = [];
  for (const { prefix, args } of others) {
    const options = { prefix, args: [...args, "--controller", controller.url] };
    agents.push(stack.use(await startProgram("agent", options)));
  }
  const owned = stack.move();
  return { controller, agents, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The same, with a token. */
async function startGuarded(): Promise<Hosts & { session: Session }> {
  const file = await Deno.makeTempFile({ prefix: "muster-token-" });
  try {
    await Deno.writeTextFile(file, `${TOKEN}\n`);
    const hosts = await startHosts(["--token-file", file]);
    return { ...hosts, session: openSession(hosts.controller, { 9000: hosts.controller }, { token: TOKEN }) };
  } finally {
    await Deno.remove(file);
  }
}

interface Asked {
  method: "GET" | "PUT" | "CONNECT";
  target: string;
  token?: string;
  body?: string;
}

async function ask(agent: LocalProgram, { method, target, token, body = "" }: Asked): Promise<RawClient> {
  const { hostname, port, host } = new URL(agent.url);
  const client = await RawClient.connect({ transport: "tcp", hostname, port: Number(port) });
  const credential = token === undefined ? "" : `authorization: Bearer ${token}\r\n`;
  const length = body === "" ? "" : `content-length: ${body.length}\r\n`;
  await client.send(`${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n${credential}${length}\r\n${body}`);
  return client;
}

async function statusOf(agent: LocalProgram, asked: Asked): Promise<number> {
  const client = await ask(agent, asked);
  using _conn = client.conn;
  return (await client.head(asked.method)).status;
}

/** The worker that answers behind a tunnel. */
async function greetedThrough(agent: LocalProgram, replica: string): Promise<string> {
  const { conn } = await tunnelTo(agent, replica);
  using _conn = conn;
  const inside = new RawClient(conn);
  await inside.send("GET / HTTP/1.1\r\nhost: replica\r\n\r\n");
  return workerOf((await inside.answer()).text);
}

async function tunnelTo(agent: LocalProgram, replica: string): Promise<RawClient> {
  const client = await ask(agent, { method: "CONNECT", target: replica, token: TOKEN });
  assertEquals((await client.head("CONNECT")).status, 200);
  return client;
}

/** The text at a URL; undefined while nothing listens there. */
async function textAt(url: string): Promise<string | undefined> {
  try {
    return await (await fetch(url)).text();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}
