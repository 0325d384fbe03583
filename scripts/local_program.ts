/**
 * A Muster program as a process on this machine, from source or, when MUSTER_BINARIES names a folder, the binary in it.
 * The demo, the scenario tests and the benches start theirs here: in a data folder of its own, on a port that the system
 * chose unless one is asked for, with everything it logs at hand.
 * @module
 */
import { delay } from "@std/async";
import { fileURLToPath } from "node:url";
import { readProcStat } from "../lib/agent/platform/proc_stat.ts";
import { readRuns } from "../lib/agent/process/run_files.ts";
import { refreshDashboard } from "./web.ts";

export type ProgramName = "controller" | "agent" | "payload";

export interface LocalProgram extends AsyncDisposable {
  name: ProgramName;
  pid: number;
  /** Where it listens: `http://127.0.0.1:43511`. */
  url: string;
  data: string;
  /** All that it has logged so far. */
  log: () => string;
  /** The first line that contains the text, as soon as there is one. */
  logged: (text: string, options?: { withinMs?: number }) => Promise<string>;
  ended: Promise<Deno.CommandStatus>;
  kill: (signal: Deno.Signal) => void;
  /** Asks it to end and waits; kills it when it does not. */
  stop: (signal?: Deno.Signal) => Promise<Deno.CommandStatus>;
}

export interface StartOptions {
  args?: readonly string[];
  env?: Record<string, string>;
  /** Keep this data folder; else a fresh one is made, and removed at the end. */
  data?: string;
  /** The command that is put before the program's own: `ip netns exec n1`. */
  prefix?: readonly string[];
  port?: number;
  /** It speaks TLS, and its URL says so. */
  tls?: boolean;
  /** Do not wait until it listens. */
  detached?: boolean;
  /** Ends the wait for it to listen, and the program. */
  signal?: AbortSignal;
}

const START_MAX_MS = 20_000;
const STOP_MAX_MS = 20_000;
const POLL_MS = 10;
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CONFIG = `--config=${ROOT}deno.json`;

/** Starts a program and waits until it listens. */
export async function startProgram(name: ProgramName, options: StartOptions = {}): Promise<LocalProgram> {
  const data = options.data ?? await Deno.makeTempDir({ prefix: `muster-${name}-` });
  await using resources = new AsyncDisposableStack();
  if (options.data === undefined) resources.defer(() => Deno.remove(data, { recursive: true }));
  const process = spawn(name, data, options);
  const log = keepLog(process.stderr);
  const stop = (signal: Deno.Signal = "SIGTERM") => stopProcess(process, signal);
  resources.defer(async () => {
    await stop();
    await log.done;
    if (name === "agent") await endReplicas(data);
  });
  const logged = (text: string, { withinMs = START_MAX_MS } = {}) =>
    until(() => log.text().split("\n").find((line) => line.includes(text)), {
      withinMs,
      what: () => `${name} to log "${text}"; it logged:\n${log.text()}`,
    });
  const url = options.detached === true ? "" : await addressOf(name, { log, ended: process.status, ...options });
  const owned = resources.move();
  return {
    name,
    pid: process.pid,
    url,
    data,
    log: log.text,
    logged,
    ended: process.status,
    kill: (signal) => process.kill(signal),
    stop,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function spawn(name: ProgramName, data: string, { prefix = [], args = [], env = {}, port = 0 }: StartOptions) {
  const place = ["--port", String(port), ...(name === "payload" ? [] : ["--data", data])];
  const line = [...prefix, ...commandLine(name), ...place, ...args];
  return new Deno.Command(line[0]!, {
    args: line.slice(1),
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

interface Starting {
  log: Log;
  ended: Promise<Deno.CommandStatus>;
  tls?: boolean;
  signal?: AbortSignal;
}

/** The address that a program logs once it listens. */
async function addressOf(name: ProgramName, { log, ended, tls = false, signal }: Starting): Promise<string> {
  let over = false;
  ended.then(() => log.done).then(() => over = true);
  const line = await until(() => {
    const found = log.text().split("\n").find((logLine) => logLine.includes(`"address":"`));
    if (found === undefined && over) throw new Error(`The ${name} did not start:\n${log.text()}`);
    return found;
  }, { withinMs: START_MAX_MS, what: () => `the ${name} to listen; it logged:\n${log.text()}`, signal });
  return `${tls ? "https" : "http"}://${JSON.parse(line).address}`;
}

/** How a program is started on this machine. */
export function commandLine(name: ProgramName): string[] {
  const binaries = binariesFolder();
  if (binaries !== undefined) return [`${binaries}/${name}${Deno.build.os === "windows" ? ".exe" : ""}`];
  return [Deno.execPath(), "run", "--quiet", "--no-check", CONFIG, "-A", `${ROOT}${name}.ts`];
}

/** Fetches what the programs import and makes the dashboard, so that their first start is as fast as any other. */
export async function prepareSources({ signal }: { signal: AbortSignal }): Promise<void> {
  if (binariesFolder() !== undefined) return;
  const entries = ["controller", "agent", "payload"].map((name) => `${ROOT}${name}.ts`);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", CONFIG, ...entries],
    stdin: "null",
    signal,
  }).output();
  signal.throwIfAborted();
  if (!success) throw new Error(`Cannot fetch the packages that Muster imports:\n${new TextDecoder().decode(stderr)}`);
  await refreshDashboard();
}

function binariesFolder(): string | undefined {
  return Deno.env.get("MUSTER_BINARIES");
}

export interface UntilOptions {
  withinMs?: number;
  /** What is waited for, for the message of a wait in vain. */
  what: string | (() => string);
  signal?: AbortSignal | undefined;
}

/** Waits until `check` gives something, and gives that. */
export async function until<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  { withinMs = 10_000, what, signal }: UntilOptions,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  while (true) {
    signal?.throwIfAborted();
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadlineMs) {
      throw new Error(`Waited ${withinMs} ms in vain for ${typeof what === "string" ? what : what()}`);
    }
    await delay(POLL_MS);
  }
}

/** Ends the replicas that an agent which was killed has left: those that carry its node id, and no others. */
export async function endReplicas(data: string): Promise<void> {
  for (const pid of await replicaPids(data)) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** The processes on this machine that carry the node id of an agent's data folder, or are noted in it. */
export async function replicaPids(data: string): Promise<number[]> {
  if (Deno.build.os !== "linux") return [];
  const marker = `MUSTER_NODE_ID=${(await readIfThere(`${data}/node-id`)).trim()}`;
  if (marker === "MUSTER_NODE_ID=") return [];
  const pids = await notedPids(`${data}/run`);
  for await (const entry of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(entry.name)) continue;
    const environment = await readIfThere(`/proc/${entry.name}/environ`);
    const isMarked = environment.split("\0").includes(marker) && !pids.includes(Number(entry.name));
    if (isMarked) pids.push(Number(entry.name));
  }
  return pids;
}

/** Some programs, such as Redis, write over the environment that they were started with. */
async function notedPids(runFolder: string): Promise<number[]> {
  const pids: number[] = [];
  for (const { note } of await readRuns(runFolder)) {
    const noted = note && readProcStat(note.self);
    const now = noted && readProcStat(await readIfThere(`/proc/${noted.pid}/stat`));
    if (noted !== undefined && now?.startedAt === noted.startedAt && now.exit === undefined) pids.push(noted.pid);
  }
  return pids;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    // Processes come and go while they are listed (ESRCH has no class of its own); those of others are none of ours.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return "";
    if (error instanceof Error && error.message.includes("(os error 3)")) return "";
    throw error;
  }
}

interface Log {
  text: () => string;
  /** Resolved once nothing more can come. */
  done: Promise<void>;
}

function keepLog(stream: ReadableStream<Uint8Array>): Log {
  let text = "";
  const read = async () => {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) text += piece;
  };
  return { text: () => text, done: read() };
}

async function stopProcess(process: Deno.ChildProcess, signal: Deno.Signal): Promise<Deno.CommandStatus> {
  const send = (name: Deno.Signal) => {
    try {
      process.kill(name);
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  send(signal);
  const timer = setTimeout(() => send("SIGKILL"), STOP_MAX_MS);
  try {
    return await process.status;
  } finally {
    clearTimeout(timer);
  }
}
