/**
 * A program under measurement: started on cores of its own, awaited until it is ready, and asked what it and all the
 * processes that it has started have taken. Linux only.
 * @module
 */
import { cpuSeconds } from "../cpu_seconds.ts";
import { answerOn, hasEnded, requestBytes, send } from "./raw_client.ts";

const READY_MS = 15_000;
const POLL_MS = 20;
const HIDDEN_START_MS = 3_000;
/** Connections are spread over threads by chance. */
const ANSWERS_IN_A_ROW = 10;
const PAGE_BYTES = 4_096;
/** Programs under measurement run here, everything else on the other core. */
export const OWN_CORE = "0";
export const LOAD_CORE = "1";

export interface Start {
  command: readonly string[];
  /** Where it is to listen. */
  port: number;
  hostname?: string;
  cores?: string;
  env?: Record<string, string>;
  /** What is put before the command: `ip netns exec n1`. */
  prefix?: readonly string[];
  isTold?: "by stdin";
  /** What it does when it is ready. Where nobody here can see it, it gets a moment instead. */
  ready?: "answers" | "listens" | "hidden";
}

/** Starts it, and waits until it is ready. */
export async function startProgram({ command, port, ...options }: Start): Promise<Program> {
  const { hostname = "127.0.0.1", cores = OWN_CORE, env = {}, prefix = [], isTold, ready = "answers" } = options;
  const [first = "", ...args] = [...prefix, "taskset", "-c", cores, ...command];
  const child = new Deno.Command(first, {
    args,
    env,
    stdin: isTold === undefined ? "null" : "piped",
    stdout: "null",
    stderr: Deno.env.has("BENCH_VERBOSE") ? "inherit" : "null",
  }).spawn();
  const program = new Program(child, port);
  try {
    if (ready === "hidden") await pause(HIDDEN_START_MS);
    else await readiness({ hostname, port }, { child, isAsked: ready === "answers" });
    return program;
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
}

export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly port: number;

  constructor(child: Deno.ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Of all its processes and threads. */
  cpuSeconds(): number {
    return this.#pids().reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  }

  /** What is in memory of all its processes. */
  memoryBytes(): number {
    const pages = (pid: number) => Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]);
    return this.#pids().reduce((sum, pid) => sum + pages(pid) * PAGE_BYTES, 0);
  }

  /** The CPU seconds of each thread of its first process. */
  threadSeconds(): Map<string, number> {
    const folder = `/proc/${this.pid}/task`;
    return new Map([...Deno.readDirSync(folder)].map(({ name }) => [name, cpuSeconds(`${this.pid}/task/${name}`)]));
  }

  /** Writes a line to its standard input. */
  async tell(line: string): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${line}\n`));
    writer.releaseLock();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.#pids().toReversed()) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        // It has followed its parent already.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    await this.#child.status;
  }

  /** Its first process and all that descend from it. */
  #pids(): number[] {
    const children = Map.groupBy(processes(), ({ parent }) => parent);
    const pids = [this.pid];
    for (const pid of pids) pids.push(...(children.get(pid) ?? []).map((process) => process.pid));
    return pids;
  }
}

function processes(): { pid: number; parent: number }[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(({ name }) => {
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) }];
    } catch (error) {
      // Processes of others come and go.
      if (error instanceof Deno.errors.NotFound || (error instanceof Error && /os error 3/.test(error.message))) {
        return [];
      }
      throw error;
    }
  });
}

interface Awaited {
  child: Deno.ChildProcess;
  /** A request has to be answered well, and by each of its threads. */
  isAsked: boolean;
}

async function readiness(address: { hostname: string; port: number }, { child, isAsked }: Awaited): Promise<void> {
  let code: number | undefined;
  void child.status.then((status) => code = status.code);
  const giveUpAt = performance.now() + READY_MS;
  for (let good = 0; good < (isAsked ? ANSWERS_IN_A_ROW : 1);) {
    if (code !== undefined) throw new Error(`Cannot measure: the program ended with code ${code} before it was ready`);
    try {
      using conn = await Deno.connect(address);
      if (!isAsked || await isAnswered(conn)) {
        good++;
        continue;
      }
      good = 0;
    } catch (error) {
      if (!hasEnded(error) && !(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
    if (performance.now() > giveUpAt) throw new Error(`Cannot measure: the program was not ready in ${READY_MS} ms`);
    await pause(POLL_MS);
  }
}

async function isAnswered(conn: Deno.Conn): Promise<boolean> {
  await send(conn, requestBytes("GET /"));
  return (await answerOn(conn)).status === 200;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A program of this folder, as a command. */
export function denoCommand(script: string, ...args: readonly (string | number)[]): string[] {
  const path = new URL(script, import.meta.url).pathname;
  return [Deno.execPath(), "run", "-A", "--no-check", path, ...args.map(String)];
}

export async function isInstalled(program: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" })
      .output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
