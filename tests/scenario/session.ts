/**
 * What one does at a terminal in front of a cluster: command lines as they are typed, with the hosts and ports of this
 * run in the place of the usual ones, and looking at the status until it is as expected.
 * @module
 */
import process from "node:process";
import { assertEquals } from "@std/assert";
import { type LocalProgram, until } from "../../scripts/local_program.ts";
import type { Status, StatusNode, StatusReplica } from "../../lib/wire/api.ts";

/** The promise: what ran on a node that is gone runs elsewhere after at most so long. */
export const HEALED_MS = 6_000;

const GREETING = /^Hello from Worker ID: ([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\. Uptime: \d+(?:\.\d+)?s\n$/;

export interface UntilReady {
  withinMs?: number;
  where?: (replica: StatusReplica) => boolean;
}

export interface Session {
  /** Runs a line and gives what it printed. */
  type: (line: string) => Promise<string>;
  status: () => Promise<Status>;
  /** Waits until exactly so many replicas are there, all ready and all as `where` says. */
  untilReady: (count: number, options?: UntilReady) => Promise<StatusReplica[]>;
}

/** A terminal; `ports` says which program stands behind each port that is typed, and behind `HOST` before it. */
export function openSession(
  controller: LocalProgram,
  ports: Record<number, LocalProgram>,
  { token }: { token?: string } = {},
): Session {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const status = async () => (await fetch(`${controller.url}/status`, { headers })).json();
  return {
    status,
    type: (line) =>
      run(line.replaceAll(/(\bHOST)?:(\d{4})\b/g, (typed, host, number) => {
        const program = ports[Number(number)];
        if (program === undefined) return typed;
        const { hostname, port } = new URL(program.url);
        return `${host === undefined ? "" : hostname}:${port}`;
      })),
    untilReady: (count, { withinMs, where = () => true } = {}) => {
      let last: Status | undefined;
      return until(async () => {
        last = await status();
        const replicas = last?.services[0]?.replicas ?? [];
        return replicas.length === count && replicas.every((replica) => replica.ready && where(replica)) && replicas;
      }, {
        ...(withinMs === undefined ? {} : { withinMs }),
        what: () => `${count} ready replicas:\n${JSON.stringify(last, undefined, 1)}\n${controller.log()}`,
      });
    },
  };
}

/** The worker's id in the payload's greeting, which has to be right to the letter. */
export function workerOf(answer: string): string {
  const worker = GREETING.exec(answer)?.[1];
  if (worker === undefined) throw new Error(`Expected the payload's greeting, got: ${answer}`);
  return worker;
}

export function nodeAt(status: Status, agent: LocalProgram): StatusNode {
  const { port } = new URL(agent.url);
  const node = status.nodes.find(({ url }) => new URL(url).port === port);
  if (node === undefined) throw new Error(`No node has the address ${agent.url}: ${JSON.stringify(status.nodes)}`);
  return node;
}

/** Waits until the process is gone. */
export async function untilGone(pid: number | null): Promise<void> {
  await until(() => !isThere(pid), { what: `process ${pid} to end` });
}

/** Signal 0 asks whether a process is there, without doing anything to it. */
export function isThere(pid: number | null): boolean {
  try {
    return pid !== null && process.kill(pid, 0);
  } catch (error) {
    assertEquals((error as { code?: string }).code, "ESRCH");
    return false;
  }
}

async function run(line: string): Promise<string> {
  try {
    const { stdout, stderr, success } = await new Deno.Command("sh", { args: ["-c", line] }).output();
    if (success) return new TextDecoder().decode(stdout);
    const said = new TextDecoder().decode(stderr);
    if (!/not found/.test(said)) throw new Error(`"${line}" failed: ${said}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return await fetched(line);
}

/** A curl line on a machine without curl. */
async function fetched(line: string): Promise<string> {
  const url = /http:\S+(?=$| )/.exec(line.replace(/-d .*/, ""))?.[0] ?? /(http:\S+)$/.exec(line)?.[1];
  if (!line.startsWith("curl ") || url === undefined) throw new Error(`Cannot run "${line}" without its program`);
  const body = /-d (["'])(.*)\1/.exec(line)?.[2]?.replaceAll('\\"', '"');
  const headers = [...line.matchAll(/-H "([\w-]+): ([^"]*)"/g)].map((
    [, name, value],
  ): [string, string] => [name!, value!]);
  const response = await fetch(url, body === undefined ? { headers } : { method: "POST", body, headers });
  return await response.text();
}
