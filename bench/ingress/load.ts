/**
 * As many small requests as a candidate can answer (`wrk`), and what they cost it. The load comes from the core where
 * the replica is.
 * @module
 */
import { LOAD_CORE, type Program } from "./program.ts";

/** Until then a compiler is at work too. */
const WARM_UP_S = 3;
const MICRO = 1_000_000;

export interface Loaded {
  requestsPerSecond: number;
  cpuUsPerRequest: number;
}

export interface Load {
  port: number;
  connections: number;
  seconds: number;
  /** All whose work the requests are. */
  programs: readonly Program[];
}

export async function underLoad({ port, connections, seconds, programs }: Load): Promise<Loaded> {
  const url = `http://127.0.0.1:${port}/`;
  await wrk(url, { connections, seconds: WARM_UP_S });
  const cpuSeconds = () => programs.reduce((sum, program) => sum + program.cpuSeconds(), 0);
  const before = cpuSeconds();
  const { requests, requestsPerSecond } = await wrk(url, { connections, seconds });
  return { requestsPerSecond, cpuUsPerRequest: (cpuSeconds() - before) * MICRO / requests };
}

async function wrk(url: string, { connections, seconds }: { connections: number; seconds: number }) {
  const args = ["-c", LOAD_CORE, "wrk", "-t1", "--timeout", "10s", `-c${connections}`, `-d${seconds}s`, url];
  const { stdout, stderr } = await new Deno.Command("taskset", { args }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const [, requests] = /(\d+) requests in/.exec(text) ?? [];
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(text) ?? [];
  if (requests === undefined || rate === undefined || /Non-2xx|Socket errors/.test(text)) {
    throw new Error(`Cannot measure ${url}: wrk says\n${text}`);
  }
  return { requests: Number(requests), requestsPerSecond: Number(rate) };
}
