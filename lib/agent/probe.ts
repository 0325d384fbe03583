/**
 * Asks a replica whether it is well: over HTTP, by a TCP connection, or with a command of its own. Every probe opens a
 * fresh connection and is bounded by the check's timeout; how many run at once is bounded for the whole agent.
 * @module
 */
import { abortable } from "@std/async";
import type { Health } from "../cluster/health.ts";
import { parseDurationMs } from "../runtime/duration.ts";
import { printableLine } from "../runtime/sanitize.ts";
import { VERSION } from "../runtime/version.ts";

/** What a probe found. */
export interface ProbeResult {
  ok: boolean;
  /** Why not, in words. */
  detail: string;
}

/** Where the replica answers, and how a command of it is run. */
export interface ProbeTarget {
  port: number;
  run: (command: readonly string[], options: { signal: AbortSignal }) => Promise<ProbeResult>;
}

const HOST = "127.0.0.1";
const HEAD_BYTES_MAX = 8_192;

/** Probes once. Never throws: whatever goes wrong is the result. */
export async function probe(health: Health, { port, run }: ProbeTarget): Promise<ProbeResult> {
  const signal = AbortSignal.timeout(parseDurationMs(health.timeout));
  try {
    if (health.command !== undefined) return await run(health.command, { signal });
    return await probeOverTcp(port, { path: health.http, signal });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (signal.aborted) return { ok: false, detail: `no answer within ${health.timeout}` };
    return { ok: false, detail: printableLine(error.message) };
  }
}

/** Connects, and asks for the path if there is one. */
async function probeOverTcp(
  port: number,
  { path, signal }: { path: string | undefined; signal: AbortSignal },
): Promise<ProbeResult> {
  const connecting = Deno.connect({ hostname: HOST, port });
  try {
    const conn = await abortable(connecting, signal);
    return path === undefined ? { ok: true, detail: "" } : await abortable(ask(conn, path), signal);
  } finally {
    // Also one that comes about only after the deadline is closed; why one didn't was said already.
    connecting.then((conn) => conn.close(), () => undefined);
  }
}

async function ask(conn: Deno.Conn, path: string): Promise<ProbeResult> {
  const { port } = conn.remoteAddr as Deno.NetAddr;
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${HOST}:${port}`,
    `User-Agent: muster-agent/${VERSION}`,
    "Accept: */*",
    "Connection: close",
  ];
  await conn.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
  const status = await readStatus(conn);
  if (status === undefined) return { ok: false, detail: "what answers speaks no HTTP" };
  const ok = status >= 200 && status < 400;
  return { ok, detail: ok ? "" : `GET ${path} gave ${status}` };
}

/** The status of the final answer; interim ones (1xx) before it are skipped. */
async function readStatus(conn: Deno.Conn): Promise<number | undefined> {
  const buffer = new Uint8Array(HEAD_BYTES_MAX);
  let filled = 0;
  while (filled < buffer.length) {
    const count = await conn.read(buffer.subarray(filled));
    if (count === null) return undefined;
    filled += count;
    const text = new TextDecoder().decode(buffer.subarray(0, filled)).replace(INTERIM_HEADS, "");
    const status = /^HTTP\/1\.[01] ([1-5]\d\d)[ \r\n]/.exec(text)?.[1];
    if (status !== undefined && !status.startsWith("1")) return Number(status);
  }
  return undefined;
}

const INTERIM_HEADS = /^(HTTP\/1\.1 1\d\d[^]*?\r\n\r\n)+/;
