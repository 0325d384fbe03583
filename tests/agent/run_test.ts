import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import type { z } from "zod";
import { Health } from "../../lib/cluster/health.ts";
import { granted } from "../support/granted.ts";
import { CLUSTER, orderOf, pidsWith, startAgent, until } from "./agent_process.ts";

const ignore = !granted || Deno.build.os !== "linux";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `agent ${name}`, ignore, fn });
}

const health = (given: z.input<typeof Health>) => Health.parse(given);
const isReady = (observation: { ready: boolean }) => observation.ready;

test("starts an ordered replica with its environment and nothing of its own", async () => {
  await using agent = await startAgent();
  const order = orderOf(["/bin/sh", "-c", "env; echo trouble >&2; sleep 600"], {
    env: { COLOUR: "red", MUSTER_SLOT: "9" },
  });
  assertEquals((await agent.put({ replicas: [order] })).body.kind, "accepted");
  const { id } = order.assignment;
  const { pid, port, instance } = await agent.until(id, isReady);
  const lines = await until(async () => {
    const response = await fetch(`${agent.url}/v1/replicas/${id}/logs`);
    const logged = (await response.text()).trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
    return logged.some((line) => line.stream === "err") && logged;
  });
  const told = lines.filter((line) => line.stream === "out").map((line) => line.line).toSorted();
  const nodeId = (await Deno.readTextFile(`${agent.data}/node-id`)).trim();
  const names = ["HOME", "LANG", "PATH", "TMPDIR", "TZ"].filter((name) => Deno.env.has(name));
  assertEquals(
    told.filter((line) => !line.startsWith("PWD=") && !line.startsWith("_=")),
    [
      "COLOUR=red",
      "HOST=127.0.0.1",
      "MUSTER_FENCE=7",
      "MUSTER_GENERATION=1",
      `MUSTER_INSTANCE=${instance}`,
      "MUSTER_NODE=n1",
      `MUSTER_NODE_ID=${nodeId}`,
      `MUSTER_REPLICA=${id}`,
      "MUSTER_SERVICE=web",
      "MUSTER_SLOT=0",
      "NODE_ADDRESS=127.0.0.1",
      `PORT=${port}`,
      ...names.map((name) => `${name}=${Deno.env.get(name)}`),
    ].toSorted(),
  );
  assertEquals(lines.find((line) => line.stream === "err").line, "trouble");
  assert(pid !== null && pidsWith(`MUSTER_REPLICA=${id}`).includes(pid));
});

test("restarts a killed replica in place, with a new process and one restart counted", async () => {
  await using agent = await startAgent();
  const order = orderOf(["sleep", "600"]);
  await agent.put({ replicas: [order] });
  const first = await agent.until(order.assignment.id, isReady);
  Deno.kill(first.pid!, "SIGKILL");
  const second = await agent.until(order.assignment.id, (seen) => seen.ready && seen.restarts === 1);
  assertNotEquals(second.pid, first.pid);
  assertNotEquals(second.instance, first.instance);
});

test("kills a replica that ignores SIGTERM at its stop timeout, and what it had started in another session", async () => {
  await using agent = await startAgent();
  const script = `trap '' TERM; setsid sleep 601 & setsid sh -c 'sleep 602 & sleep 603' & while :; do sleep 1; done`;
  const order = orderOf(["/bin/sh", "-c", script], { stop: { signal: "SIGTERM", timeout: "500ms" } });
  const { id } = order.assignment;
  await agent.put({ replicas: [order] });
  await agent.until(id, isReady);
  await until(() => pidsWith(`MUSTER_REPLICA=${id}`).length >= 4);
  await agent.put({ revision: 2, replicas: [] });
  await until(() => pidsWith(`MUSTER_REPLICA=${id}`).length === 0);
});

test("has its replicas back after it was killed, with none restarted", async () => {
  await using agent = await startAgent();
  const order = orderOf(["/bin/sh", "-c", "sleep 600 & wait"]);
  await agent.put({ replicas: [order] });
  const before = await agent.until(order.assignment.id, isReady);
  Deno.kill(agent.pid, "SIGKILL");
  await agent.ended;
  await using successor = await startAgent({ data: agent.data });
  const after = await successor.until(order.assignment.id, isReady);
  assertEquals([after.pid, after.instance, after.restarts], [before.pid, before.instance, 0]);
  // It is watched and signalled like a child.
  Deno.kill(after.pid!, "SIGKILL");
  const restarted = await successor.until(order.assignment.id, (seen) => seen.ready && seen.restarts === 1);
  assertNotEquals(restarted.pid, after.pid);
});

test("stops after its return what was to be stopped while it was away", async () => {
  await using agent = await startAgent();
  const [kept, dropped] = [orderOf(["sleep", "600"]), orderOf(["sleep", "600"])];
  await agent.put({ replicas: [kept, dropped] });
  const before = await agent.until(kept.assignment.id, isReady);
  await agent.until(dropped.assignment.id, isReady);
  Deno.kill(agent.pid, "SIGKILL");
  await agent.ended;
  await using successor = await startAgent({ data: agent.data });
  await successor.put({ revision: 2, replicas: [kept] });
  await until(() => pidsWith(`MUSTER_REPLICA=${dropped.assignment.id}`).length === 0);
  const after = await successor.until(kept.assignment.id, isReady);
  assertEquals([after.pid, after.restarts], [before.pid, 0]);
});

test("adopts its own replicas only, with two agents on one host", async () => {
  await using one = await startAgent();
  await using other = await startAgent();
  const [ours, theirs] = [orderOf(["sleep", "600"]), orderOf(["sleep", "600"])];
  await one.put({ replicas: [ours] });
  await other.put({ replicas: [theirs] });
  await one.until(ours.assignment.id, isReady);
  const before = await other.until(theirs.assignment.id, isReady);
  // Even the other's notes in its own folder don't make its processes this agent's.
  for (const { name } of Deno.readDirSync(`${other.data}/run`)) {
    await Deno.copyFile(`${other.data}/run/${name}`, `${one.data}/run/${name}`);
  }
  Deno.kill(one.pid, "SIGKILL");
  await one.ended;
  await using successor = await startAgent({ data: one.data });
  await until(() => successor.log().includes('"adopted":1'));
  await successor.put({ revision: 2, replicas: [] });
  await until(() => pidsWith(`MUSTER_REPLICA=${ours.assignment.id}`).length === 0);
  assert(pidsWith(`MUSTER_REPLICA=${theirs.assignment.id}`).includes(before.pid!));
});

test("refuses orders of another cluster and older ones, and stops nothing", async () => {
  await using agent = await startAgent();
  const order = orderOf(["sleep", "600"]);
  await agent.put({ epoch: 2, revision: 5, replicas: [order] });
  const { pid } = await agent.until(order.assignment.id, isReady);
  const asked = crypto.randomUUID();
  const foreign = await agent.put({ cluster: asked, epoch: 9, replicas: [] });
  assertEquals(foreign.status, 409);
  const problem = foreign.body;
  assertEquals(problem.type, "urn:muster:problem:foreign-cluster");
  assertEquals(problem.reply, { kind: "foreign", bound: CLUSTER, asked });
  assertMatch(String(problem.detail), /--forget-cluster/);
  const stale = await agent.put({ epoch: 2, revision: 4, replicas: [] });
  assertEquals([stale.status, stale.body.reply], [409, { kind: "stale", epoch: 2, revision: 5 }]);
  assert(pidsWith(`MUSTER_REPLICA=${order.assignment.id}`).includes(pid!));
});

test("follows another cluster after --forget-cluster, and stops nothing before its first list", async () => {
  await using agent = await startAgent();
  const [kept, dropped] = [orderOf(["sleep", "600"]), orderOf(["sleep", "600"])];
  await agent.put({ epoch: 9, replicas: [kept, dropped] });
  const before = await agent.until(kept.assignment.id, isReady);
  const other = await agent.until(dropped.assignment.id, isReady);
  Deno.kill(agent.pid, "SIGKILL");
  await agent.ended;
  await using successor = await startAgent({ data: agent.data, args: ["--forget-cluster"] });
  await successor.until(dropped.assignment.id, isReady);
  assert(pidsWith(`MUSTER_REPLICA=${dropped.assignment.id}`).includes(other.pid!));
  const cluster = crypto.randomUUID();
  assertEquals((await successor.put({ cluster, replicas: [kept] })).status, 200);
  await until(() => pidsWith(`MUSTER_REPLICA=${dropped.assignment.id}`).length === 0);
  assertEquals((await successor.until(kept.assignment.id, isReady)).pid, before.pid);
  assertEquals((await successor.put({ epoch: 99, replicas: [] })).status, 409);
});

test("stops its replicas on SIGINT, says goodbye and exits with 0", async () => {
  await using agent = await startAgent();
  const order = orderOf(["sleep", "600"]);
  await agent.put({ replicas: [order] });
  await agent.until(order.assignment.id, isReady);
  const stream = await fetch(`${agent.url}/v1/observations`);
  const lines = stream.text();
  Deno.kill(agent.pid, "SIGINT");
  await until(() => agent.log().includes("Leaving"));
  Deno.kill(agent.pid, "SIGINT");
  assertEquals((await agent.ended).code, 0);
  assertEquals(JSON.parse((await lines).trim().split("\n").at(-1)!).kind, "goodbye");
  assertEquals(pidsWith(`MUSTER_REPLICA=${order.assignment.id}`), []);
});

test("leaves its replicas running on SIGTERM with --on-exit leave", async () => {
  await using agent = await startAgent({ args: ["--on-exit", "leave"] });
  const order = orderOf(["sleep", "600"]);
  await agent.put({ replicas: [order] });
  const before = await agent.until(order.assignment.id, isReady);
  Deno.kill(agent.pid, "SIGTERM");
  assertEquals((await agent.ended).code, 0);
  await using successor = await startAgent({ data: agent.data });
  const after = await successor.until(order.assignment.id, isReady);
  assertEquals([after.pid, after.restarts], [before.pid, 0]);
});

test("says why a program can't be run", async () => {
  await using agent = await startAgent();
  const missing = orderOf(["no-such-program"]);
  const folder = orderOf(["/etc"]);
  const script = `${agent.data}/broken`;
  await Deno.writeTextFile(script, "#!/no/such/shell\n", { mode: 0o755 });
  const broken = orderOf([script]);
  await agent.put({ replicas: [missing, folder, broken] });
  const why = async (id: string) => (await agent.until(id, ({ reason }) => reason.includes("Cannot"))).reason;
  assertMatch(await why(missing.assignment.id), /Cannot find program "no-such-program".*PATH/);
  assertMatch(await why(folder.assignment.id), /\/etc is no file/);
  assertMatch(await why(broken.assignment.id), /Cannot run .*broken: .*(not found|No such file)/);
});

test("is found out as not ready and ready by an HTTP check", async () => {
  await using agent = await startAgent();
  const server = `let calls = 0;
    Deno.serve({ port: Number(Deno.env.get("PORT")), hostname: Deno.env.get("HOST"), onListen() {} }, () =>
      new Response("", { status: ++calls < 3 ? 503 : 200 }));`;
  await Deno.writeTextFile(`${agent.data}/server.js`, server);
  const order = orderOf([Deno.execPath(), "run", "-A", "--no-config", `${agent.data}/server.js`], {
    health: health({ http: "/readyz", interval: "50ms" }),
  });
  await agent.put({ replicas: [order] });
  await agent.until(order.assignment.id, (seen) => seen.reason.includes("503"));
  await agent.until(order.assignment.id, isReady);
});

test("runs the payload from the source beside it", async () => {
  await using agent = await startAgent();
  const order = orderOf(["payload"], { health: health({ http: "/readyz" }) });
  await agent.put({ replicas: [order] });
  const { port } = await agent.until(order.assignment.id, isReady);
  const response = await fetch(`http://127.0.0.1:${port}/`);
  assertMatch(await response.text(), new RegExp(`^Hello from Worker ID: ${order.assignment.id}\\. Uptime: `));
});

test("sends a signal on a controller's behalf, and none that is older than its orders", async () => {
  await using agent = await startAgent();
  const order = orderOf(["/bin/sh", "-c", "trap 'echo noticed' USR1; echo set; while :; do sleep 0.05; done"]);
  await agent.put({ epoch: 3, revision: 4, replicas: [order] });
  const { id } = order.assignment;
  await agent.until(id, isReady);
  const logged = async (text: string) =>
    (await (await fetch(`${agent.url}/v1/replicas/${id}/logs`)).text()).includes(text);
  await until(() => logged("set"));
  const post = async (body: unknown) => {
    const response = await fetch(`${agent.url}/v1/replicas/${id}/signal`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await post({ signal: "SIGUSR1", epoch: 3, revision: 3 }), 409);
  assertEquals(await post({ signal: "SIGWHAT", epoch: 3, revision: 4 }), 400);
  assertEquals(await post({ signal: "SIGUSR1", epoch: 3, revision: 4 }), 202);
  await until(() => logged("noticed"));
});

test("takes another port when the one it picked is in use", async () => {
  // All but a few ports of the range can't be squatted on here; a squatter on the replica's present port is enough.
  await using agent = await startAgent();
  const order = orderOf(["sleep", "600"]);
  await agent.put({ replicas: [order] });
  const first = await agent.until(order.assignment.id, isReady);
  using _squatter = Deno.listen({ hostname: "127.0.0.1", port: first.port! });
  Deno.kill(first.pid!, "SIGKILL");
  const second = await agent.until(order.assignment.id, (seen) => seen.ready && seen.restarts === 1);
  assertNotEquals(second.port, first.port);
});

test("refuses to share its data folder", async () => {
  await using agent = await startAgent();
  const args = [
    "run",
    "-A",
    "--no-check",
    new URL("../../agent.ts", import.meta.url).href,
    "--port",
    "0",
    "--data",
    agent.data,
  ];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
  assertEquals(code, 1);
  assertMatch(new TextDecoder().decode(stderr), /another agent uses it/);
});
