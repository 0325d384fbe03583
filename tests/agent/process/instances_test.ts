/**
 * Checks and stops of real processes, through a whole agent.
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import type { Observation } from "../../../lib/cluster/replica.ts";
import type { ServiceSpec } from "../../../lib/cluster/service.ts";
import type { Order } from "../../../lib/wire/protocol.ts";
import { granted } from "../../support/granted.ts";
import { type AgentProcess, orderOf, startAgent, until } from "../agent_process.ts";
import type { z } from "zod";

const ignore = !granted || Deno.build.os !== "linux";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `a replica ${name}`, ignore, fn });
}

/**
 * Answers what the files beside it say: /<name> with the status in the file <name>; hangs while there is a file
 * "hang"; listens on a named port as well.
 */
const SERVER = `
  const read = (name) => Deno.readTextFile(import.meta.dirname + "/" + name).catch(() => "");
  const answer = async (request) => {
    const { pathname } = new URL(request.url);
    if (await read("hang")) await new Promise(() => {});
    return new Response("it is " + await read("words"), { status: Number(await read(pathname.slice(1))) || 503 });
  };
  const hostname = Deno.env.get("HOST");
  for (const port of ["PORT", "PORT_ADMIN"]) {
    const number = Deno.env.get(port);
    if (number) Deno.serve({ port: Number(number), hostname, onListen() {} }, answer);
  }`;

interface Server extends AsyncDisposable {
  agent: AgentProcess;
  order: Order;
  /** Writes a file that the server looks at. */
  say: (name: string, text: string) => Promise<void>;
  until: (wanted: (seen: Observation) => boolean) => Promise<Observation>;
}

/** Starts a server of this spec under an agent; the first files are there before it. */
async function serve(
  fields: Partial<z.input<typeof ServiceSpec>>,
  files: Record<string, string> = {},
): Promise<Server> {
  const agent = await startAgent();
  const folder = `${agent.data}/of-this-test`;
  await Deno.mkdir(folder);
  const say = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text);
  for (const [name, text] of Object.entries({ ...files, "server.js": SERVER })) await say(name, text);
  const command = [Deno.execPath(), "run", "-A", "--no-config", `${folder}/server.js`];
  const order = orderOf(command, { cwd: folder, ...fields });
  await agent.put({ replicas: [order] });
  return {
    agent,
    order,
    say,
    until: (wanted) => agent.until(order.assignment.id, wanted),
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}

const FAST = { interval: "30ms", timeout: "2s", unhealthy_after: 2 };

test("is ready while status and body are as its check says, on the port that it names", async () => {
  const health = { ...FAST, http: "/up", port: "admin", status: 418, body: "it is well" };
  await using server = await serve({ ports: { admin: 0 }, health }, { up: "418", words: "ill" });
  await server.until(({ reason }) => reason.includes('GET /up gave no "it is well" in its body'));
  await server.say("words", "well");
  await server.until(({ ready }) => ready);
  await server.say("up", "200");
  await server.until(({ ready, reason }) => !ready && reason === "not ready: GET /up gave 200");
  await server.say("up", "418");
  const { restarts } = await server.until(({ ready }) => ready);
  assertEquals(restarts, 0);
});

test("is asked by a command in its own folder", async () => {
  const health = { ...FAST, command: ["/bin/sh", "-c", "test -e well"] };
  await using server = await serve({ health });
  await server.until(({ reason }) => reason === "not ready: /bin/sh exited with code 1");
  await server.say("well", "");
  await server.until(({ ready }) => ready);
});

test("that starts slowly is not judged by the other checks before", async () => {
  const checks = { health: { ...FAST, http: "/up" }, liveness: { ...FAST, start_period: "0s", http: "/live" } };
  await using server = await serve({ startup: { ...FAST, http: "/started" }, ...checks }, { live: "503", up: "200" });
  await server.until(({ phase, reason }) => phase === "starting" && reason === "not ready: GET /started gave 503");
  await server.say("live", "200");
  await server.say("started", "200");
  const { restarts } = await server.until(({ ready }) => ready);
  assertEquals(restarts, 0);
});

test("that does not start in time is ended and started anew", async () => {
  const startup = { ...FAST, http: "/started", start_period: "2s" };
  await using server = await serve({ startup }, { started: "503" });
  const { reason, crashes } = await server.until(({ restarts }) => restarts === 1);
  assertEquals(reason, "did not start within 2s: GET /started gave 503; restarted at once");
  assertEquals(crashes, 1);
  await server.say("started", "200");
  await server.until(({ ready }) => ready);
});

/** Started with its first good answer; from then on bad ones count. */
const LIVING = {
  startup: { ...FAST, http: "/live" },
  liveness: { ...FAST, http: "/live", timeout: "300ms" },
  stop: { timeout: "100ms" },
};

test("that hangs fails its liveness check and is started anew", async () => {
  await using server = await serve(LIVING, { live: "200" });
  const before = await server.until(({ ready }) => ready);
  await server.say("hang", "yes");
  const { reason } = await server.until(({ reason }) => reason.startsWith("failed its liveness check"));
  assertEquals(reason.startsWith("failed its liveness check: no answer within 300ms"), true, reason);
  await Deno.remove(`${server.agent.data}/of-this-test/hang`);
  const after = await server.until(({ ready, restarts }) => ready && restarts === 1);
  assertEquals([after.crashes, after.pid === before.pid], [1, false]);
});

test("that is frozen fails its liveness check and is killed", async () => {
  await using server = await serve(LIVING, { live: "200" });
  const { pid } = await server.until(({ ready }) => ready);
  Deno.kill(pid!, "SIGSTOP");
  const after = await server.until(({ ready, restarts }) => ready && restarts === 1);
  assertEquals(after.exit?.signal, "SIGKILL");
});

const isGone = async ({ agent, order }: Server) =>
  (await agent.until(order.assignment.id, ({ phase }) => phase === "exited")).reason;

function stopped({ order }: Server): Order {
  return { ...order, assignment: { ...order.assignment, draining: true, reason: "scaled to 0" } };
}

test("is stopped by its command, which has its environment and its folder", async () => {
  const stop = { command: ["/bin/sh", "-c", 'echo "$MUSTER_REPLICA" >asked; kill -INT "$(cat pid)"; sleep 1'] };
  const command = ["/bin/sh", "-c", "trap 'exit 7' INT; echo $$ >pid; while :; do sleep 0.05; done"];
  await using server = await serve({ command, stop });
  await until(() => Deno.readTextFile(`${server.agent.data}/of-this-test/pid`).catch(() => false as const));
  await server.agent.put({ revision: 2, replicas: [stopped(server)] });
  assertEquals(await isGone(server), "exited with code 7");
  const asked = await Deno.readTextFile(`${server.agent.data}/of-this-test/asked`);
  assertEquals(asked, `${server.order.assignment.id}\n`);
});

test("is not begun anew, nor cleaned up after, before the stop command has done what follows its end", async () => {
  const stop = { command: ["/bin/sh", "-c", 'kill -INT "$(cat pid)"; sleep 0.5; echo gone >>told'] };
  const command = ["/bin/sh", "-c", "echo $$ >pid; echo begun >>told; exec sleep 600"];
  await using server = await serve({ command, stop });
  const told = () => Deno.readTextFile(`${server.agent.data}/of-this-test/told`).catch(() => "");
  await until(async () => await told() === "begun\n");
  const again = { ...server.order, assignment: { ...server.order.assignment, restart_seq: 1 } };
  await server.agent.put({ revision: 2, replicas: [again] });
  await until(async () => await told() === "begun\ngone\nbegun\n");
});

test("is signalled when its stop command fails, and that is said", async () => {
  const command = ["/bin/sh", "-c", "trap 'sleep 0.5; exit 7' TERM; echo >set; while :; do sleep 0.05; done"];
  await using server = await serve({ command, stop: { command: ["/bin/sh", "-c", "exit 3"] } });
  await until(() => Deno.readTextFile(`${server.agent.data}/of-this-test/set`).catch(() => false as const));
  await server.agent.put({ revision: 2, replicas: [stopped(server)] });
  await server.until(({ reason }) => reason === "scaled to 0; its stop command failed: /bin/sh exited with code 3");
  assertEquals(await isGone(server), "exited with code 7");
  assertMatch(server.agent.log(), /A stop command failed/);
});

test("is killed when its stop command takes too long", async () => {
  const stop = { command: ["sleep", "600"], timeout: "300ms" };
  await using server = await serve({ command: ["sleep", "600"], stop });
  await server.until(({ ready }) => ready);
  await server.agent.put({ revision: 2, replicas: [stopped(server)] });
  assertEquals(await isGone(server), "was ended by SIGKILL");
});
