/**
 * Copies bytes both ways between a client and a replica. The end of one side's bytes is passed on and the other way
 * stays open, as TCP means it; when both have ended, both connections are closed.
 * @module
 */

import { isDisconnect } from "../../runtime/disconnect.ts";
import { writeAll } from "../http/http_connection.ts";

/** The loop is as fast as it gets with 256 KiB; idle tunnels, and there are many, should not each hold that twice. */
const BUFFER_BYTES_MIN = 16_384;
const BUFFER_BYTES_MAX = 262_144;
/** After so many small reads in a row a grown buffer is given back. */
const SMALL_READS_MAX = 64;
/** One side has ended and the other says nothing for this long: nobody is there any more. */
const HALF_CLOSED_SILENCE_MS = 300_000;

export interface TunnelOptions {
  /** What the client sent before it was told that the tunnel stands. */
  readonly early: Uint8Array;
  readonly halfClosedSilenceMs?: number;
}

/** Carries until both sides have ended or one broke. Closes both connections. Rejects on bugs only. */
export async function carryTunnel(client: Deno.Conn, replica: Deno.Conn, options: TunnelOptions): Promise<void> {
  const { early, halfClosedSilenceMs = HALF_CLOSED_SILENCE_MS } = options;
  const progress = { reads: 0 };
  let guard: ReturnType<typeof setInterval> | undefined;
  const closeBoth = () => {
    closeQuietly(client);
    closeQuietly(replica);
  };
  /** The first side to end starts the watch over the other. */
  const ended = () => {
    let seen = progress.reads;
    guard ??= setInterval(() => {
      if (progress.reads === seen) closeBoth();
      seen = progress.reads;
    }, halfClosedSilenceMs);
  };
  const oneWay = async (from: Deno.Conn, to: Deno.Conn, first: Uint8Array) => {
    try {
      await writeAll(to, first);
      await copy(from, to, progress);
      await to.closeWrite();
      ended();
    } catch (error) {
      closeBoth();
      if (!isDisconnect(error)) throw error;
    }
  };
  try {
    await Promise.all([oneWay(client, replica, early), oneWay(replica, client, new Uint8Array(0))]);
  } finally {
    clearInterval(guard);
    closeBoth();
  }
}

/** Never `pipeTo`: it takes more than twice the time. */
async function copy(from: Deno.Conn, to: Deno.Conn, progress: { reads: number }): Promise<void> {
  let buffer = new Uint8Array(BUFFER_BYTES_MIN);
  let smallReads = 0;
  for (;;) {
    const read = await from.read(buffer);
    if (read === null) return;
    progress.reads++;
    // Not by `writeAll`: one more function to wait for is felt with small pieces.
    for (let at = 0; at < read;) at += await to.write(buffer.subarray(at, read));
    smallReads = read < BUFFER_BYTES_MIN ? smallReads + 1 : 0;
    if (read === buffer.length && read < BUFFER_BYTES_MAX) buffer = new Uint8Array(BUFFER_BYTES_MAX);
    else if (smallReads > SMALL_READS_MAX && buffer.length > BUFFER_BYTES_MIN) {
      buffer = new Uint8Array(BUFFER_BYTES_MIN);
    }
  }
}

/** Closes a connection that may be closed already. */
export function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    // Closed already, by the other way's end or by the server's drain.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
