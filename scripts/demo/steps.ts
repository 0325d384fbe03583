/**
 * The story of the demo as data: each step has a name, a line that says what Muster does and why, and what is done, which
 * gives its outcome in a few words or throws. A step ends when what it is about can be seen from outside.
 * @module
 */
import process from "node:process";
import type { NodeAdded } from "../../lib/wire/api.ts";
import type { Cluster, SeenReplica } from "./cluster.ts";
import { REQUESTS_PER_S } from "./client.ts";
import type { Screen } from "./screen.ts";
import { spreadOf, statusTable } from "./status_table.ts";

/** Where a step takes place. */
export interface Scene {
  cluster: Cluster;
  screen: Screen;
  /** Prints lines below the step's name. */
  show: (...lines: string[]) => void;
  /** Lets the steady client begin. */
  startClient: (url: string) => void;
}

export interface Step {
  name: string;
  why: string;
  run: (scene: Scene) => Promise<string>;
}

const ALPHA = "alpha";
const WINDOWS = Deno.build.os === "windows";
const KILL = WINDOWS ? "taskkill /F /PID" : "kill -9";
const BETA = "beta";

export const STEPS: readonly Step[] = [
  {
    name: "Start a controller and two agents",
    why: "An agent runs what its host is to run; the controller decides what that is.",
    run: startPrograms,
  },
  {
    name: "Add both nodes",
    why: "An agent waits to be added, or registers itself with --controller <url>.",
    run: addNodes,
  },
  {
    name: "Scale to 4",
    why: "Replicas go where the least runs, and are plain processes on ports of their own.",
    run: ({ cluster, show }) => scaleUp(cluster, { to: 4, show }),
  },
  {
    name: "Look at the status",
    why: "What is wanted is kept by the controller; what is, it hears from the agents at once.",
    run: showStatus,
  },
  {
    name: "Send six requests",
    why: "The controller's port is the way in: round-robin over the replicas that are ready.",
    run: sendRequests,
  },
  {
    name: "Scale to 2",
    why: "The youngest go first: each leaves the round, answers what it has begun, and ends.",
    run: scaleDown,
  },
  {
    name: `Kill a replica with ${KILL}`,
    why: "Its agent sees the process end and starts it anew; the other one answers meanwhile.",
    run: killReplica,
  },
  {
    name: `Stop the agent ${BETA} with ${WINDOWS ? "a kill" : "Ctrl-C"}`,
    why: WINDOWS
      ? "Its replica ends with it; the controller notices, and starts another one elsewhere."
      : "It says that it leaves: first its replica is ready elsewhere, then the old one ends.",
    run: stopAgent,
  },
  {
    name: `Start the agent ${BETA} again`,
    why: "Its data folder says who it is: the same node is back. What runs well stays put.",
    run: startAgentAgain,
  },
  {
    name: "Scale to 6",
    why: `New replicas go where the least runs, so ${BETA} is used again.`,
    run: useBothAgain,
  },
];

async function startPrograms({ cluster, screen, show, startClient }: Scene): Promise<string> {
  await cluster.prepare();
  const startController = async () => {
    const { url } = await cluster.startController();
    startClient(url);
  };
  await all([startController(), cluster.startAgent(ALPHA), cluster.startAgent(BETA)]);
  const { url } = cluster.controller;
  const programs = [["controller", cluster.controller], [ALPHA, cluster.agent(ALPHA)], [BETA, cluster.agent(BETA)]];
  for (const [name, { url, pid }] of programs as [string, { url: string; pid: number }][]) {
    show(`${name.padEnd(12)}${url}   ${screen.dim(`pid ${pid}`)}`);
  }
  show(`${"client".padEnd(12)}asks ${url}/ ${REQUESTS_PER_S} times a second from now on`);
  return "all three listen on ports that were free";
}

async function addNodes({ cluster, screen, show }: Scene): Promise<string> {
  for (const name of [ALPHA, BETA]) {
    const body = { url: cluster.agent(name).url };
    const node = await cluster.post<NodeAdded>("/add-node", body);
    show(`POST /add-node ${JSON.stringify(body)}   ${screen.dim(`${node.name} is ${node.status}`)}`);
  }
  await cluster.until("two ready nodes", async () => (await cluster.status()).nodes.every(isReady));
  return "two nodes are ready";
}

async function scaleUp(cluster: Cluster, { to, show }: { to: number } & Pick<Scene, "show">): Promise<string> {
  const body = { replicas: to };
  await cluster.post("/scale", body);
  show(`POST /scale ${JSON.stringify(body)}`);
  const replicas = await cluster.untilReady(to);
  return `${to} replicas are ready, ${spreadOf(replicas)}`;
}

async function showStatus({ cluster, screen, show }: Scene): Promise<string> {
  const replicas = await cluster.replicas();
  show(...statusTable(replicas, screen));
  expect(new Set(replicas.map(({ nodeName }) => nodeName)).size === 2, "replicas on both nodes");
  return `${replicas.length} of ${replicas.length} are ready`;
}

async function sendRequests({ cluster, screen, show }: Scene): Promise<string> {
  const replicas = await cluster.replicas();
  const answered = new Set<string>();
  for (let sent = 0; sent < 6; sent += 1) {
    const text = await (await fetch(cluster.controller.url)).text();
    const replica = replicas.find(({ id }) => text.includes(id));
    if (replica === undefined) throw new Error(`No replica that is ready has answered, but: ${text}`);
    answered.add(replica.id);
    show(
      `${text.trim().replace(replica.id, screen.replica(replica.id, replica.id))}   ${screen.dim(replica.nodeName)}`,
    );
  }
  expect(answered.size > 1, "answers of different replicas");
  return `${answered.size} replicas have answered`;
}

async function scaleDown({ cluster, screen, show }: Scene): Promise<string> {
  const before = await cluster.replicas();
  const body = { replicas: 2 };
  await cluster.post("/scale", body);
  show(`POST /scale ${JSON.stringify(body)}`);
  const after = await cluster.untilReady(2);
  const ended = before.filter(({ id }) => after.every((replica) => replica.id !== id));
  await cluster.until("the surplus processes to end", () => ended.every(({ pid }) => !exists(pid)));
  for (const { id, nodeName, pid } of ended) {
    show(`${screen.replica(id)} on ${nodeName} has ended   ${screen.dim(`pid ${pid}`)}`);
  }
  return `2 replicas are ready, ${spreadOf(after)}`;
}

async function killReplica({ cluster, screen, show }: Scene): Promise<string> {
  const victim = find(await cluster.replicas(), ({ nodeName }) => nodeName === BETA);
  Deno.kill(victim.pid!, "SIGKILL");
  show(`${KILL} ${victim.pid}   ${screen.replica(victim.id)} ${screen.dim(`on ${BETA}`)}`);
  const healed = await cluster.until("the replica to be back", async () => {
    const now = (await cluster.replicas()).find(({ slot }) => slot === victim.slot);
    return now?.ready === true && now.pid !== victim.pid && now;
  });
  return `${screen.replica(healed.id)} is ready again, as pid ${healed.pid}`;
}

async function stopAgent({ cluster, screen, show }: Scene): Promise<string> {
  const moving = find(await cluster.replicas(), ({ nodeName }) => nodeName === BETA);
  await cluster.stopAgent(BETA);
  // An agent that could not say goodbye is missed only after a while.
  const replicas = await cluster.until(`2 ready replicas on ${ALPHA}`, async () => {
    const now = await cluster.replicas();
    return now.length === 2 && now.every(({ ready, nodeName }) => ready && nodeName === ALPHA) && now;
  });
  const successor = find(replicas, ({ slot }) => slot === moving.slot);
  await cluster.until("the replica to end on its former node", () => !exists(moving.pid));
  const line = await cluster.controller.logged(`node ${BETA} is lost`);
  show(`${screen.replica(moving.id)} on ${BETA} was followed by ${screen.replica(successor.id)} on ${ALPHA}`);
  show(screen.dim(`the controller's log: ${JSON.parse(line).msg}`));
  return `2 replicas are ready, ${spreadOf(replicas)}`;
}

async function startAgentAgain({ cluster, screen, show }: Scene): Promise<string> {
  const before = (await cluster.status()).nodes.find(({ name }) => name === BETA);
  const { url, pid } = await cluster.startAgentAgain(BETA);
  show(`${BETA.padEnd(12)}${url}   ${screen.dim(`pid ${pid}`)}`);
  const node = await cluster.until(`the node ${BETA} to be ready`, async () => {
    return (await cluster.status()).nodes.find((now) => now.id === before?.id && isReady(now));
  });
  return `${node.name} is ready, with ${node.replicas} replicas`;
}

async function useBothAgain({ cluster, screen, show }: Scene): Promise<string> {
  const outcome = await scaleUp(cluster, { to: 6, show });
  const replicas = await cluster.replicas();
  show(...statusTable(replicas, screen));
  expect(replicas.some(({ nodeName }) => nodeName === BETA), `a replica on ${BETA}`);
  return outcome;
}

/** Waits for all, also when one fails: what the others started has to be known to be ended. */
async function all(works: Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Expected ${what}`);
}

function find(replicas: SeenReplica[], test: (replica: SeenReplica) => boolean): SeenReplica {
  const found = replicas.find(test);
  if (found === undefined) throw new Error("Expected a replica there, found none");
  return found;
}

function isReady({ status }: { status: string }): boolean {
  return status === "ready";
}

/** Whether the process is there. Signal 0 asks without doing anything. */
function exists(pid: number | null): boolean {
  try {
    return pid !== null && process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    return false;
  }
}
