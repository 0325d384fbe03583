/**
 * The agent's HTTP/1.1 server, on raw `Deno.listen`: it carries tunnels, which `Deno.serve` can't, and takes less
 * memory. This file accepts and drains; `http_clients.ts` keeps count of who is connected, `http_exchange.ts` is one
 * connection, `wire/http1` the protocol.
 * @module
 */

import { isDisconnect } from "../../runtime/disconnect.ts";
import { Clients } from "./http_clients.ts";
import type { HttpHooks } from "./http_exchange.ts";
import { HTTP_LIMITS, type HttpLimits } from "./http_limits.ts";

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
  /** Accepts from this listener from now on, and no more from the one before; connections that are open stay. */
  replaceListener(listener: Deno.Listener): void;
  /** Accepts no more, lets requests and tunnels under way end within `drainMs`, then cuts them. */
  shutdown(options: { drainMs: number }): Promise<void>;
}

/** Deadlines are checked this often, or more often where a limit is shorter. */
const SWEEP_MS = 500;
/** How long accepting pauses when the system has no descriptor left. */
const ACCEPT_PAUSE_MS = 100;

/** Serves until `shutdown()` or `signal`. */
export function serveHttp(options: ServeOptions): HttpServer {
  const { signal } = options;
  let { listener } = options;
  const limits: HttpLimits = { ...HTTP_LIMITS, ...options.limits };
  const clients = new Clients(options, limits);
  let ending = false;

  const stopAccepting = () => {
    if (!ending) listener.close();
    ending = true;
    clients.endIdle();
  };
  const abort = () => {
    stopAccepting();
    clients.cutAll();
  };
  const sweep = setInterval(() => clients.expireLate(), sweepMs(limits));
  Deno.unrefTimer(sweep);
  const admit = (conn: Deno.Conn) => clients.admit(conn);
  const accept = (from: Deno.Listener) =>
    acceptAll(from, { admit, ended: () => ending || from !== listener, onError: options.onError });
  let accepting = accept(listener);
  const untilAccepted = async () => {
    for (let last = accepting;; last = accepting) {
      await last;
      if (last === accepting) return;
    }
  };
  const finished = untilAccepted().then(() => clients.allClosed()).finally(() => {
    clearInterval(sweep);
    signal?.removeEventListener("abort", abort);
  });
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort);

  return {
    addr: options.listener.addr,
    get connections() {
      return clients.size;
    },
    finished,
    replaceListener(next) {
      const former = listener;
      listener = next;
      accepting = accept(next);
      closeListener(former);
    },
    async shutdown({ drainMs }) {
      stopAccepting();
      const deadline = setTimeout(() => clients.cutAll(), drainMs);
      await finished;
      clearTimeout(deadline);
    },
  };
}

/** Accepts until it has ended. */
export async function acceptAll(
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

/** It may have made room for its successor already. */
function closeListener(listener: Deno.Listener): void {
  try {
    listener.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function sweepMs(limits: HttpLimits): number {
  const shortest = Math.min(limits.headMs, limits.idleMs, limits.bodyGraceMs, limits.writeStallMs);
  return Math.max(10, Math.min(SWEEP_MS, shortest / 4));
}
