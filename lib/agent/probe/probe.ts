/**
 * Asks a replica whether it is well: over HTTP, by a TCP connection, or with a command of its own. Every probe opens a
 * fresh connection and is bounded by the check's timeout; how many run at once is bounded for the whole agent.
 * @module
 */
import { abortable } from "@std/async";
import type { Health } from "../../cluster/health.ts";
import { parseDurationMs } from "../../runtime/duration.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { askOverHttp } from "./probe_http.ts";

/** What a probe found. */
export interface ProbeResult {
  ok: boolean;
  /** Why not, in words. */
  detail: string;
}

/** Where the replica answers, and how a command of it is run. */
export interface ProbeTarget {
  hostname: string;
  port: number;
  run: (command: readonly string[], options: { signal: AbortSignal }) => Promise<ProbeResult>;
}

/** Probes once. Never throws: whatever goes wrong is the result. */
export async function probe(health: Health, { hostname, port, run }: ProbeTarget): Promise<ProbeResult> {
  const signal = AbortSignal.timeout(parseDurationMs(health.timeout));
  try {
    if (health.command !== undefined) return await run(health.command, { signal });
    return await probeOverTcp({ hostname, port }, { health, signal });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (signal.aborted) return { ok: false, detail: `no answer within ${health.timeout}` };
    return { ok: false, detail: printableLine(error.message) };
  }
}

/** Connects, and asks for the path if there is one. */
async function probeOverTcp(
  address: { hostname: string; port: number },
  { health, signal }: { health: Health; signal: AbortSignal },
): Promise<ProbeResult> {
  const connecting = Deno.connect(address);
  try {
    const conn = await abortable(connecting, signal);
    if (health.http === undefined) return { ok: true, detail: "" };
    return await abortable(askOverHttp(conn, health.http, health), signal);
  } finally {
    // Also one that comes about only after the deadline is closed; why one didn't was said already.
    connecting.then((conn) => conn.close(), () => undefined);
  }
}
