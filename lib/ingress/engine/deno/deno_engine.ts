/**
 * The engine that runs everywhere: `Deno.listen` towards clients, `Deno.connect` towards replicas, and the HTTP/1.1
 * machine between them.
 * @module
 */
import { getLog } from "../../../runtime/log.ts";
import type { Engine, Listening } from "../engine.ts";
import { listen } from "./listen.ts";
import { Edge, type EdgeOptions } from "./edge.ts";
import { serveClient } from "./serve_client.ts";
import { TcpPorts } from "./tcp_ports.ts";

export interface DenoEngineOptions extends EdgeOptions {
  listening: readonly Listening[];
  /** Whether other threads listen on the same ports. */
  isShared?: boolean;
  /** Where the ports of TCP routes are opened; else where the first one is. */
  tcpHost?: string;
}

/** After this an end does not wait for what is under way. */
const END_MS = 10_000;
/** What keeps connections from being accepted, such as too many open files, takes a moment to pass. */
const ACCEPT_PAUSE_MS = 50;

const log = getLog("ingress");

export function startDenoEngine(options: DenoEngineOptions): Engine {
  const { listening, isShared = false, tcpHost } = options;
  const edge = new Edge(options);
  const listeners = listening.map((place) => listen(place, { isShared }));
  const clients = new Clients(edge);
  const { sweep, metrics, now, chance, attendance, holds } = edge;
  const host = tcpHost ?? listening[0]?.host ?? "127.0.0.1";
  const tcpPorts = new TcpPorts({
    host,
    isShared,
    access: options.access,
    now,
    chance,
    sweep,
    metrics,
    attendance,
    holds,
  });
  const accepting = listeners.map((listener) => accept(listener, clients));
  return {
    addresses: listeners.map(({ addr }) => addr),
    set(service, traffic) {
      edge.set(service, traffic);
      tcpPorts.set(service, traffic);
    },
    delete(service) {
      edge.delete(service);
      tcpPorts.set(service, { tcp: [], endpoints: [], withdrawn: [] });
    },
    left: (replica) => edge.attendance.left(replica),
    async [Symbol.asyncDispose]() {
      for (const listener of listeners) listener.close();
      await Promise.all(accepting);
      await Promise.all([clients.end(END_MS), tcpPorts.close(END_MS)]);
      await edge[Symbol.asyncDispose]();
    },
  };
}

async function accept(listener: Deno.TcpListener, clients: Clients): Promise<void> {
  for (;;) {
    try {
      clients.serve(await listener.accept());
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
      if (!(error instanceof Error)) throw error;
      log.warn("Cannot accept a connection: tried again in a moment", { error });
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
    }
  }
}

/** The clients that are connected. */
class Clients {
  readonly #edge: Edge;
  readonly #open = new Set<Promise<void>>();

  constructor(edge: Edge) {
    this.#edge = edge;
  }

  serve(conn: Deno.TcpConn): void {
    if (this.#open.size >= this.#edge.limits.connectionsMax) return conn.close();
    conn.setNoDelay(true);
    const serving = serveClient(conn, { peer: this.#edge.peerAt(conn.remoteAddr.hostname), isTls: false }, this.#edge)
      .catch((error) => log.error("A client's connection failed", { error }))
      .finally(() => this.#open.delete(serving));
    this.#open.add(serving);
  }

  /** Waits until all have ended what is under way, and cuts off who takes too long. */
  async end(withinMs: number): Promise<void> {
    this.#edge.beginToEnd();
    const timer = setTimeout(() => this.#edge.cutAll(), withinMs);
    await Promise.all(this.#open);
    clearTimeout(timer);
  }
}
