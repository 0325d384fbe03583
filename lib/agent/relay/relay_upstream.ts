/**
 * Connections from the agent to its own replicas, for proxied requests. A connection rests here between two requests
 * for a few seconds; the replica's close, or a byte that nobody asked for, takes it out.
 * @module
 */

import type { InterimHead, ResponseHead } from "../../wire/http1/event.ts";
import { ResponseReader } from "../../wire/http1/response.ts";
import { HttpConnection, sendAtOnce } from "../http/http_connection.ts";

/** Where a replica listens. */
export interface ReplicaAddress {
  readonly hostname: string;
  readonly port: number;
}

type Timer = ReturnType<typeof setTimeout>;
export type Upstream = HttpConnection<ResponseHead | InterimHead, ResponseReader>;

const READ_BUFFER_BYTES = 65_536;
/** Shorter than the keep-alive of common servers (Node: 5 s), so that they seldom close first. */
const RESTING_MS = 4_000;
const RESTING_MAX = 16;
const CONNECT_MS = 5_000;

/** Opens a connection; gives up after 5 s (a replica whose backlog is full says nothing). */
export async function connectReplica(address: ReplicaAddress): Promise<Deno.TcpConn> {
  const connecting = Deno.connect({ hostname: address.hostname, port: address.port });
  let timer: Timer | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Deno.errors.TimedOut(`Cannot connect to replica: silent for ${CONNECT_MS} ms`)),
      CONNECT_MS,
    );
  });
  try {
    const conn = await Promise.race([connecting, late]);
    sendAtOnce(conn);
    return conn;
  } catch (error) {
    // A connection that comes about after all is nobody's; that it fails has been said already.
    connecting.then((conn) => conn.close(), () => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The resting connections of all replicas. */
export class UpstreamPool {
  #resting = new Map<string, Map<Upstream, Timer>>();

  /** A connection that rests, or undefined. The one used last comes first: it is the least likely to be stale. */
  take(key: string): Upstream | undefined {
    const resting = this.#resting.get(key);
    const upstream = resting === undefined ? undefined : [...resting.keys()].at(-1);
    if (upstream !== undefined) this.#remove(key, upstream);
    return upstream;
  }

  async open(address: ReplicaAddress): Promise<Upstream> {
    const conn = await connectReplica(address);
    return new HttpConnection(conn, new ResponseReader(), { bufferBytes: READ_BUFFER_BYTES });
  }

  /** Lays a connection to rest whose answer is complete. */
  give(key: string, upstream: Upstream): void {
    const resting = this.#resting.get(key) ?? new Map<Upstream, Timer>();
    if (!upstream.reader.idle || resting.size >= RESTING_MAX) return upstream.close();
    const evict = () => {
      if (this.#remove(key, upstream)) upstream.close();
    };
    this.#resting.set(key, resting);
    resting.set(upstream, setTimeout(evict, RESTING_MS));
    // Once taken out again it is no longer here, and what the read finds is the next answer.
    upstream.watch(evict);
  }

  close(): void {
    for (const [key, resting] of this.#resting) {
      for (const upstream of resting.keys()) {
        this.#remove(key, upstream);
        upstream.close();
      }
    }
  }

  #remove(key: string, upstream: Upstream): boolean {
    const resting = this.#resting.get(key);
    const timer = resting?.get(upstream);
    if (resting === undefined || timer === undefined) return false;
    clearTimeout(timer);
    resting.delete(upstream);
    if (resting.size === 0) this.#resting.delete(key);
    return true;
  }
}
