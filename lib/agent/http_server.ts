/**
 * The agent's HTTP/1.1 server, on raw `Deno.listen`: it carries tunnels, which `Deno.serve` can't, and takes less
 * memory. This file accepts, counts, sweeps away clients that are late, and drains; `http_exchange.ts` is one
 * connection, `wire/http1` the protocol.
 * @module
 */

import { HttpExchange, type HttpHooks } from "./http_exchange.ts";
import { isDisconnect, writeAll } from "./http_connection.ts";
import { HTTP_LIMITS, type HttpLimits } from "./http_limits.ts";
import { encodeResponseHead } from "../wire/http1/encode.ts";

export interface ServeOptions extends HttpHooks {
  /** Plain or TLS; the server closes it. */
  readonly listener: Deno.Listener;
  readonly limits?: Partial<HttpLimits>;
  /** Ends the server without a drain. */
  readonly signal?: AbortSignal;
}

export interface HttpServer {
  readonly addr: Deno.Addr;
  /** Connections now open, tunnels among them. */
  readonly connections: number;
  /** Resolves when the server has ended and all connections are closed. */
  readonly finished: Promise<void>;
  /** Accepts no more, lets requests and tunnels under way end within `drainMs`, then cuts them. */
  shutdown(options: { drainMs: number }): Promise<void>;
}

/** Deadlines are checked this often, or more often where a limit is shorter. */
const SWEEP_MS = 500;
/** How long accepting pauses when the system has no descriptor left. */
const ACCEPT_PAUSE_MS = 100;

/** Serves until `shutdown()` or `signal`. */
export function serveHttp(options: ServeOptions): HttpServer {
  const { listener, signal } = options;
  const limits: HttpLimits = { ...HTTP_LIMITS, ...options.limits };
  const open = new Map<HttpExchange, Promise<void>>();
  // In the order in which they became idle: the first has waited longest.
  const idle = new Set<HttpExchange>();
  let ending = false;

  const sweep = setInterval(() => sweepLate(open.keys()), sweepMs(limits));
  Deno.unrefTimer(sweep);
  const accepting = acceptAll(listener, { admit, ended: () => ending, onError: options.onError });
  const finished = accepting.then(() => allClosed(open)).finally(() => {
    clearInterval(sweep);
    signal?.removeEventListener("abort", abort);
  });

  function admit(conn: Deno.Conn): void {
    if (open.size >= limits.connectionsMax) {
      const longestIdle = idle.values().next().value;
      if (longestIdle === undefined) return turnAway(conn, options.onError);
      longestIdle.close();
      idle.delete(longestIdle);
    }
    const exchange = new HttpExchange(conn, { hooks: options, limits, onPhase });
    idle.add(exchange);
    open.set(
      exchange,
      exchange.run().then(() => {
        open.delete(exchange);
        idle.delete(exchange);
      }),
    );
  }

  function onPhase(exchange: HttpExchange): void {
    idle.delete(exchange);
    if (exchange.phase === "idle") idle.add(exchange);
  }

  function stopAccepting(): void {
    if (!ending) listener.close();
    ending = true;
    for (const exchange of open.keys()) {
      exchange.last = true;
      if (exchange.phase !== "busy") exchange.close();
    }
  }

  function cutAll(): void {
    for (const exchange of open.keys()) exchange.close();
  }

  function abort(): void {
    stopAccepting();
    cutAll();
  }

  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort);

  return {
    addr: listener.addr,
    get connections() {
      return open.size;
    },
    finished,
    async shutdown({ drainMs }) {
      stopAccepting();
      const deadline = setTimeout(cutAll, drainMs);
      await finished;
      clearTimeout(deadline);
    },
  };
}

async function acceptAll(
  listener: Deno.Listener,
  options: { admit: (conn: Deno.Conn) => void; ended: () => boolean; onError: (error: unknown) => void },
): Promise<void> {
  while (!options.ended()) {
    try {
      options.admit(await listener.accept());
    } catch (error) {
      if (options.ended()) return;
      // A client that left before it was accepted is nothing; a lack of descriptors passes.
      if (!isDisconnect(error)) options.onError(error);
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
    }
  }
}

function sweepLate(exchanges: Iterable<HttpExchange>): void {
  const now = performance.now();
  for (const exchange of exchanges) {
    if (exchange.readDeadlineAt <= now || exchange.writeDeadlineAt <= now) exchange.expire();
  }
}

function sweepMs(limits: HttpLimits): number {
  const shortest = Math.min(limits.headMs, limits.idleMs, limits.bodyGraceMs, limits.writeStallMs);
  return Math.max(10, Math.min(SWEEP_MS, shortest / 4));
}

async function allClosed(open: ReadonlyMap<HttpExchange, Promise<void>>): Promise<void> {
  while (open.size > 0) await Promise.all(open.values());
}

function turnAway(conn: Deno.Conn, onError: (error: unknown) => void): void {
  const fields = [["retry-after", "1"], ["content-length", "0"], ["connection", "close"]] as const;
  writeAll(conn, encodeResponseHead({ status: 503, fields }))
    .catch((error) => {
      if (!isDisconnect(error)) onError(error);
    })
    .finally(() => conn.close());
}
