/**
 * A whole agent as a process, for tests: started on a free port with a data folder of its own, given orders over HTTP,
 * and watched through its observations.
 * @module
 */
import { fileURLToPath } from "node:url";
import { delay } from "@std/async";
import type { Observation } from "../../lib/cluster/replica.ts";
import { ServiceSpec } from "../../lib/cluster/service.ts";
import { FeedLine, type Order, type Orders } from "../../lib/wire/protocol.ts";
import type { z } from "zod";

const AGENT = fileURLToPath(new URL("../../agent.ts", import.meta.url));
const WAIT_MS = 15_000;
const LOOK_MS = 10;

export const CLUSTER = "00000000-0000-4000-8000-00000000000a";

/** A running agent. Disposing of it ends it together with everything that it started. */
export interface AgentProcess extends AsyncDisposable {
  url: string;
  pid: number;
  data: string;
  /** The program's exit code, once it ended. */
  ended: Promise<Deno.CommandStatus>;
  /** What it logged so far. */
  log(): string;
  put(orders: Partial<Orders>): Promise<Answer>;
  /** Waits until the replica is observed as wanted. */
  until(replica: string, wanted: (observation: Observation) => boolean): Promise<Observation>;
}

/** An answer that was read to its end. */
export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/** Starts an agent; with the data folder of an earlier one it is that one's successor. */
export async function startAgent(options: { data?: string; args?: string[] } = {}): Promise<AgentProcess> {
  const data = options.data ?? await Deno.makeTempDir({ prefix: "muster-test-agent-" });
  await removeIfThere(`${data}/agent.addr`);
  const args = ["run", "-A", "--no-check", AGENT, "--port", "0", "--data", data, ...options.args ?? []];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
  let log = "";
  const logged = collect(child.stderr, (text) => log += text);
  const ended = Promise.all([child.status, logged]).then(([status]) => status);
  const address = await Promise.race([
    until(() => readIfThere(`${data}/agent.addr`)),
    ended.then(() => Promise.reject(new Error(`The agent ended:\n${log}`))),
  ]);
  const url = `http://${address}`;
  return {
    url,
    pid: child.pid,
    data,
    ended,
    log: () => log,
    put: (orders) => putOrders(url, orders),
    until: (replica, wanted) => untilObserved(url, { replica, wanted }),
    [Symbol.asyncDispose]: async () => {
      await killAll(child, ended);
      await killReplicas(data);
      await removeIfThere(data);
    },
  };
}

/** Gives an agent orders: the first of the test cluster unless said otherwise. */
export async function putOrders(url: string, orders: Partial<Orders>): Promise<Answer> {
  const whole: Orders = { cluster: CLUSTER, epoch: 1, revision: 1, node: "n1", replicas: [], services: [], ...orders };
  const response = await fetch(`${url}/v1/assignments`, { method: "PUT", body: JSON.stringify(whole) });
  return { status: response.status, body: await response.json() };
}

/** An order to run a command. */
export function orderOf(command: string[], spec: Partial<z.input<typeof ServiceSpec>> & { id?: string } = {}): Order {
  const { id = crypto.randomUUID(), ...rest } = spec;
  return {
    assignment: {
      type: "assignment",
      id,
      service: "web",
      slot: 0,
      generation: 1,
      node: "00000000-0000-4000-8000-000000000001",
      fence: 7,
      restart_seq: 0,
      draining: false,
      successor_of: null,
      crashes_before: 0,
      reason: "0 of 1 running",
    },
    spec: ServiceSpec.parse({ name: "web", command, ...rest }),
  };
}

/** Waits until the question has an answer. */
export async function until<T>(ask: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  const deadlineMs = performance.now() + WAIT_MS;
  while (performance.now() < deadlineMs) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await delay(LOOK_MS);
  }
  throw new Error("Waited in vain");
}

/** The pids of all processes whose environment names this text. */
export function pidsWith(text: string): number[] {
  const pids: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Deno.readTextFileSync(`/proc/${name}/environ`).includes(text)) pids.push(Number(name));
    } catch (error) {
      // It has ended, or is somebody else's.
      if (!(error instanceof Error)) throw error;
    }
  }
  return pids;
}

/** Waits until the replica is observed as wanted. */
export async function untilObserved(
  url: string,
  { replica, wanted }: { replica: string; wanted: (observation: Observation) => boolean },
): Promise<Observation> {
  const response = await fetch(`${url}/v1/observations`, { signal: AbortSignal.timeout(WAIT_MS) });
  const seen: string[] = [];
  let open = "";
  try {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = `${open}${chunk}`.split("\n");
      open = lines.pop() ?? "";
      for (const line of lines.map((text) => FeedLine.parse(JSON.parse(text)))) {
        const observations = line.kind === "snapshot"
          ? line.replicas
          : line.kind === "observation"
          ? [line.observation]
          : [];
        const found = observations.find((observation) => observation.replica === replica && wanted(observation));
        if (line.kind !== "heartbeat") seen.push(JSON.stringify(line));
        if (found !== undefined) return found;
      }
    }
  } catch (cause) {
    throw new Error(`Waited in vain for an observation; seen:\n${seen.join("\n")}`, { cause });
  }
  throw new Error(`The stream ended before the observation came; seen:\n${seen.join("\n")}`);
}

async function killAll(child: Deno.ChildProcess, ended: Promise<Deno.CommandStatus>): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  await ended;
}

/** Ends what the agent left: by its own node id, so that nothing else can be meant. */
async function killReplicas(data: string): Promise<void> {
  const nodeId = (await readIfThere(`${data}/node-id`))?.trim();
  if (!nodeId) return;
  await until(() => {
    const pids = pidsWith(`MUSTER_NODE_ID=${nodeId}`);
    for (const pid of pids) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return pids.length === 0;
  });
}

async function collect(stream: ReadableStream<Uint8Array>, give: (text: string) => void): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream() as never) as ReadableStream<string>) give(text);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
