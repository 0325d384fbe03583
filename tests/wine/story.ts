/**
 * Session A with Windows binaries, step by step: two agents are added, replicas start, answer, end, are killed and move,
 * and an agent goes and comes back. Each step says what it saw.
 * @module
 */
import { deadline } from "@std/async";
import { until } from "../../scripts/local_program.ts";
import type { Status, StatusNode, StatusReplica } from "../../lib/wire/api.ts";
import { HEALED_MS, workerOf } from "../scenario/session.ts";
import type { Wine, WineProgram } from "./wine.ts";

/** What is there while the story is played. */
interface Stage {
  wine: Wine;
  controller: WineProgram;
  agents: { alpha: WineProgram; beta: WineProgram };
}

export interface Step {
  name: string;
  /** Resolves to what was seen, in a few words. */
  play: () => Promise<string>;
}

/** Starting a Deno program under wine takes a second or two, and several start at once. */
const READY_MS = 40_000;
const ANSWER_MS = 10_000;
const END_MS = 30_000;
const TREE = "tree";

/** The steps in their order. */
export function storyOf(wine: Wine): Step[] {
  let stage: Stage | undefined;
  const on = (play: (stage: Stage) => Promise<string>) => () => {
    if (stage === undefined) throw new TypeError("unreachable: no step is played before the programs run");
    return play(stage);
  };
  return [
    { name: "`controller.exe --version`, `agent.exe --version`, `payload.exe --version`", play: () => versions(wine) },
    {
      name: "start `controller.exe` and two `agent.exe`",
      play: async () => {
        stage = await startAll(wine);
        return "all three listen";
      },
    },
    { name: "`POST /add-node` for both agents", play: on(addNodes) },
    { name: '`POST /scale` with `{"count": 4}`', play: on(scaleUp) },
    { name: "`curl /` four times", play: on(askAll) },
    { name: "`GET /v1/replicas/<id>/logs`", play: on(readLogs) },
    { name: '`POST /scale` with `{"count": 10}`', play: on(scaleFar) },
    { name: '`POST /scale` with `{"count": 2}`', play: on(scaleDown) },
    { name: "`taskkill /F` of a replica", play: on(killReplica) },
    { name: "`taskkill /F` of a replica that started another program (`cmd.exe /c payload.exe`)", play: on(killTree) },
    { name: "that service is scaled to 0", play: on(endTree) },
    { name: "`taskkill /F` of an agent", play: on(killAgent) },
    { name: 'that agent is started again, `POST /scale` with `{"count": 6}`', play: on(startAgain) },
    { name: "Ctrl-C for an agent, which wine makes of SIGINT", play: on(leave) },
    { name: "Ctrl-C for the other agent without a controller", play: on(leaveAlone) },
  ];
}

async function versions(wine: Wine): Promise<string> {
  const said = await Promise.all((["controller", "agent", "payload"] as const).map(async (name) => {
    return (await wine.run([wine.binary(name), "--version"])).trim();
  }));
  return said.join(", ");
}

async function startAll(wine: Wine): Promise<Stage> {
  const controller = await wine.start("controller", "controller");
  const alpha = await wine.start("agent", "alpha");
  const beta = await wine.start("agent", "beta");
  return { wine, controller, agents: { alpha, beta } };
}

async function addNodes({ controller, agents }: Stage): Promise<string> {
  for (const { url } of [agents.alpha, agents.beta]) {
    // As one types it: by a name, which Windows looks up.
    await post(controller, "/add-node", { url: url.replace("127.0.0.1", "localhost") });
  }
  await look(controller, "two ready nodes", ({ nodes }) => nodes.filter(isReady).length === 2);
  return "both are ready";
}

async function scaleUp({ wine, controller }: Stage): Promise<string> {
  await post(controller, "/scale", { count: 4 });
  const { nodes } = await untilReady(controller, 4);
  const pids = await wine.pids("payload");
  expect(pids.length === 4, `4 payload.exe in tasklist, found ${pids.length}`);
  return `4 replicas are ready, ${nodes.map(({ name, replicas }) => `${replicas} on ${name}`).join(" and ")}`;
}

async function askAll({ controller }: Stage): Promise<string> {
  const workers = new Set<string>();
  for (let sent = 0; sent < 4; sent += 1) workers.add(workerOf(await ask(controller, "/")));
  const ids = replicasOf(await statusOf(controller)).map(({ id }) => id);
  expect(ids.every((id) => workers.has(id)), "an answer of each replica");
  return "each of the 4 replicas answered once";
}

async function readLogs({ controller }: Stage): Promise<string> {
  const { id } = find(replicasOf(await statusOf(controller)), () => true);
  const lines = await ask(controller, `/v1/replicas/${id}/logs`);
  expect(lines.includes("istening"), `the payload's first line, found: ${lines}`);
  return "what the payload logged when it began is there";
}

/** Once, four replicas on one agent took all of Deno's threads, of which Windows has few, and the agent stood still. */
async function scaleFar({ controller }: Stage): Promise<string> {
  await post(controller, "/scale", { count: 10 });
  await untilReady(controller, 10);
  return "10 replicas are ready";
}

async function scaleDown({ wine, controller }: Stage): Promise<string> {
  const startMs = performance.now();
  await post(controller, "/scale", { count: 2 });
  await untilReady(controller, 2);
  await untilPids(wine, 2);
  return `2 replicas are ready, the other processes have ended after ${secondsSince(startMs)}`;
}

async function killReplica({ wine, controller }: Stage): Promise<string> {
  const victim = find(replicasOf(await statusOf(controller)), ({ pid }) => pid !== null);
  const startMs = performance.now();
  await wine.taskkill(victim.pid!);
  await look(controller, "the replica to be back", (status) => {
    const now = replicasOf(status).find(({ slot }) => slot === victim.slot);
    return now?.ready === true && now.pid !== victim.pid;
  });
  return `it is ready again on the same node after ${secondsSince(startMs)}`;
}

async function killTree({ wine, controller }: Stage): Promise<string> {
  const command = ["C:\\windows\\system32\\cmd.exe", "/c", wine.binary("payload")];
  const before = await wine.pids("payload");
  const body = { command, replicas: 1, stop: { timeout: "2s" } };
  await ask(controller, `/v1/services/${TREE}`, { method: "PUT", body: JSON.stringify(body) });
  const first = await untilTree(controller, ({ ready }) => ready);
  const child = await until(async () => (await wine.pids("payload")).find((pid) => !before.includes(pid)), {
    withinMs: READY_MS,
    what: "the payload.exe that cmd.exe starts",
  });
  await wine.taskkill(first.pid!);
  await untilTree(controller, ({ ready, pid }) => ready && pid !== first.pid);
  await untilPids(wine, before.length + 1);
  expect(!(await wine.pids("payload")).includes(child), `payload.exe ${child}, which cmd.exe had started, to be gone`);
  return "what it had started ended with it, and it is ready again";
}

async function endTree({ wine, controller }: Stage): Promise<string> {
  const startMs = performance.now();
  await post(controller, `/v1/services/${TREE}/scale`, { count: 0 });
  await untilPids(wine, 2);
  return `\`cmd.exe\` and \`payload.exe\` have ended after ${secondsSince(startMs)}`;
}

async function killAgent({ wine, controller, agents }: Stage): Promise<string> {
  const alpha = nodeAt(await statusOf(controller), agents.alpha);
  const startMs = performance.now();
  await wine.taskkill(agents.beta.task);
  await untilEnded(agents.beta);
  await look(controller, "2 ready replicas on the other node", (status) => {
    const replicas = replicasOf(status);
    return replicas.length === 2 && replicas.every(({ node, ready }) => ready && node === alpha.id);
  });
  const took = secondsSince(startMs);
  await untilPids(wine, 2);
  await controller.logged("node beta is lost");
  return `its replicas ended with it and are ready elsewhere after ${took} (promised on Linux: ${HEALED_MS / 1_000} s)`;
}

async function startAgain(stage: Stage): Promise<string> {
  const { wine, controller, agents } = stage;
  const former = nodeAt(await statusOf(controller), agents.beta);
  agents.beta = await wine.start("agent", "beta", { port: Number(new URL(agents.beta.url).port) });
  await look(
    controller,
    "the node to be ready",
    ({ nodes }) => nodes.some((node) => node.id === former.id && isReady(node)),
  );
  await post(controller, "/scale", { count: 6 });
  const { nodes } = await untilReady(controller, 6);
  const { replicas } = find(nodes, ({ id }) => id === former.id);
  expect(replicas > 0, "replicas on the node that came back");
  return `the same node is back, with ${replicas} of 6 replicas`;
}

async function leave({ wine, controller, agents }: Stage): Promise<string> {
  await post(controller, "/scale", { count: 2 });
  await untilReady(controller, 2);
  agents.beta.kill("SIGINT");
  const line = await controller.logged("is lost (goodbye)");
  await untilEnded(agents.beta);
  await untilReady(controller, 2);
  await untilPids(wine, 2);
  return `it ended its replicas in good order; the controller logs \`${JSON.parse(line).msg}\``;
}

async function leaveAlone({ wine, controller, agents }: Stage): Promise<string> {
  controller.kill("SIGINT");
  const { code } = await untilEnded(controller);
  agents.alpha.kill("SIGINT");
  await untilEnded(agents.alpha);
  await untilPids(wine, 0);
  return `it stopped what it ran; the controller ended with code ${code}`;
}

async function untilReady(controller: WineProgram, count: number): Promise<Status> {
  return await look(controller, `${count} ready replicas`, (status) => {
    const replicas = replicasOf(status);
    return replicas.length === count && replicas.every(({ ready }) => ready);
  });
}

async function untilTree(controller: WineProgram, test: (replica: StatusReplica) => boolean): Promise<StatusReplica> {
  const status = await look(controller, `the service ${TREE} to be ready`, (now) => replicasOf(now, TREE).some(test));
  return find(replicasOf(status, TREE), test);
}

async function untilPids(wine: Wine, count: number): Promise<void> {
  let found: number[] = [];
  await until(async () => (found = await wine.pids("payload")).length === count, {
    withinMs: READY_MS,
    what: () => `${count} payload.exe in tasklist, found ${found.length}`,
  });
}

async function untilEnded({ ended, log }: WineProgram): Promise<Deno.CommandStatus> {
  try {
    return await deadline(ended, END_MS);
  } catch (cause) {
    throw new Error(`Waited ${END_MS} ms in vain for a program to end; it logged:\n${log()}`, { cause });
  }
}

async function look(controller: WineProgram, what: string, test: (status: Status) => boolean): Promise<Status> {
  let last: Status | undefined;
  return await until(async () => {
    last = await statusOf(controller);
    return test(last) && last;
  }, { withinMs: READY_MS, what: () => `${what}:\n${JSON.stringify(last, undefined, 1)}\n${controller.log()}` });
}

async function statusOf(controller: WineProgram): Promise<Status> {
  return JSON.parse(await ask(controller, "/status"));
}

async function post(controller: WineProgram, path: string, body: unknown): Promise<string> {
  return await ask(controller, path, { method: "POST", body: JSON.stringify(body) });
}

async function ask({ url }: WineProgram, path: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${init.method ?? "GET"} ${path} was answered ${response.status}: ${text}`);
  return text;
}

function replicasOf({ services }: Status, service = "payload"): StatusReplica[] {
  return services.find(({ name }) => name === service)?.replicas ?? [];
}

function nodeAt({ nodes }: Status, { url }: WineProgram): StatusNode {
  return find(nodes, (node) => new URL(node.url).port === new URL(url).port);
}

function isReady({ status }: StatusNode): boolean {
  return status === "ready";
}

function find<T>(all: readonly T[], test: (one: T) => boolean): T {
  const found = all.find(test);
  if (found === undefined) throw new Error("Expected one there, found none");
  return found;
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Expected ${what}`);
}

function secondsSince(startMs: number): string {
  return `${((performance.now() - startMs) / 1_000).toFixed(1)} s`;
}
