/**
 * How long a binary takes from its start to its first good answer over HTTP, and how much CPU time. Reads `/proc`.
 * @module
 */
import type { ProgramName } from "../../scripts/local_program.ts";

/** The longest that a start may take. */
const START_MAX_MS = 20_000;
const POLL_MS = 1;
const NS_PER_MS = 1_000_000;

/** Where each program says that it is ready. */
const READY_PATH: Readonly<Record<ProgramName, string>> = {
  controller: "/readyz",
  agent: "/v1/health",
  payload: "/readyz",
};

export interface Start {
  readyMs: number;
  /** CPU time of all its threads until then. */
  cpuMs: number;
}

/** Starts the program once, on a folder of its own, and ends it as soon as it was ready. */
export async function measureStart(name: ProgramName, binary: string): Promise<Start> {
  const data = await Deno.makeTempDir({ prefix: "muster-bench-" });
  const url = `http://127.0.0.1:${freePort()}`;
  const args = ["--port", new URL(url).port, ...(name === "payload" ? [] : ["--data", data])];
  const startedMs = performance.now();
  const child = new Deno.Command(binary, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  try {
    const signal = AbortSignal.timeout(START_MAX_MS);
    while (!await answersWell(url + READY_PATH[name], signal)) await new Promise((done) => setTimeout(done, POLL_MS));
    return { readyMs: performance.now() - startedMs, cpuMs: await cpuMsOf(child.pid) };
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(data, { recursive: true });
  }
}

async function answersWell(url: string, signal: AbortSignal): Promise<boolean> {
  // Connecting is tried first: to be refused by it costs less than by fetch, and the CPU is the program's to use.
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) })).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    signal.throwIfAborted();
    return false;
  }
  const response = await fetch(url, { signal });
  await response.body?.cancel();
  return response.ok;
}

/** Finer than the ticks of `/proc/<pid>/stat`. */
async function cpuMsOf(pid: number): Promise<number> {
  let sumNs = 0;
  for await (const { name: thread } of Deno.readDir(`/proc/${pid}/task`)) {
    const [ranNs] = (await Deno.readTextFile(`/proc/${pid}/task/${thread}/schedstat`)).split(" ");
    sumNs += Number(ranNs);
  }
  return sumNs / NS_PER_MS;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
