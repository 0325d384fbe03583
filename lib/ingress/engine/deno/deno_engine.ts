/**
 * The engine that runs everywhere: `Deno.listen` towards clients, `Deno.connect` towards replicas, and the HTTP machines
 * between them. Plain ports speak HTTP/1.1, TLS ports what client and engine agree on.
 * @module
 */
import { getLog } from "../../../runtime/log.ts";
import { acceptEach } from "../../tls/accept_each.ts";
import type { Certificates } from "../../tls/certificates.ts";
import { startTlsFront, type TlsFront } from "../../tls/tls_front.ts";
import type { Engine, Listening, TcpPortNews } from "../engine.ts";
import { Edge, type EdgeOptions } from "./edge.ts";
import { serveHttp2 } from "./http2_client.ts";
import { listen } from "./listen.ts";
import { serveClient } from "./serve_client.ts";
import { TcpPorts } from "./tcp_ports.ts";

export interface DenoEngineOptions extends EdgeOptions {
  listening: readonly Listening[];
  /** Ports that speak TLS, and the certificates that they show. */
  tls?: { listening: readonly Listening[]; certificates: Certificates };
  /** Whether other threads listen on the same ports. */
  isShared?: boolean;
  /** Where the ports of TCP routes are opened; else where the first one is. */
  tcpHost?: string;
  /** Told when a TCP route's port can't be had, and when it can after all. */
  onTcpPort?: (news: TcpPortNews) => void;
}

/** After this an end does not wait for what is under way. */
const END_MS = 10_000;

const log = getLog("ingress");

export function startDenoEngine(options: DenoEngineOptions): Engine {
  const { listening, tls, isShared = false, access, onTcpPort } = options;
  const edge = new Edge(options);
  const clients = new Clients(edge);
  const listeners = listening.map((place) => listen(place, { isShared }));
  const fronts = (tls?.listening ?? []).map((place) => startTls(place, { options, clients, edge }));
  const host = options.tcpHost ?? [...listening, ...tls?.listening ?? []][0]?.host ?? "127.0.0.1";
  const tcpPorts = new TcpPorts(edge, { host, isShared, access, onPort: onTcpPort ?? (() => {}) });
  const accepting = listeners.map((listener) => acceptEach(listener, (conn) => clients.takePlain(conn)));
  return {
    addresses: listeners.map(({ addr }) => addr),
    tlsAddresses: fronts.map(({ address }) => address),
    set(service, traffic) {
      edge.set(service, traffic);
      tcpPorts.set(service, traffic);
    },
    delete(service) {
      edge.delete(service);
      tcpPorts.set(service, { tcp: [], endpoints: [], withdrawn: [] });
    },
    reload(certificates) {
      for (const front of fronts) front.reload(certificates);
    },
    left: (replica) => edge.attendance.left(replica),
    async [Symbol.asyncDispose]() {
      for (const listener of listeners) listener.close();
      await Promise.all(accepting);
      const closing = fronts.map((front) => front.close());
      await Promise.all([clients.end(END_MS), ...closing, tcpPorts.close(END_MS)]);
      await edge[Symbol.asyncDispose]();
    },
  };
}

function startTls(
  listening: Listening,
  { options, clients, edge }: { options: DenoEngineOptions; clients: Clients; edge: Edge },
): TlsFront {
  const { tls, isShared = false } = options;
  return startTlsFront({
    listening,
    isShared,
    certificates: tls?.certificates ?? { served: [], defaultHost: undefined },
    protocols: ["h2", "http/1.1"],
    onConnection(conn, { address, covers, alpn }) {
      const from = { peer: edge.peerAt(address), isTls: true, covers };
      return clients.attend(alpn === "h2" ? serveHttp2(conn, from, edge) : serveClient(conn, from, edge));
    },
  });
}

/** The clients that are connected. */
class Clients {
  readonly #edge: Edge;
  readonly #open = new Set<Promise<void>>();

  constructor(edge: Edge) {
    this.#edge = edge;
  }

  takePlain(conn: Deno.TcpConn): void {
    if (this.#open.size >= this.#edge.limits.connectionsMax) {
      this.#edge.metrics.edge.add("connections_refused_total");
      return conn.close();
    }
    conn.setNoDelay(true);
    const from = { peer: this.#edge.peerAt(conn.remoteAddr.hostname), isTls: false };
    void this.attend(serveClient(conn, from, this.#edge));
  }

  /** Notes that a connection is served; never rejects. */
  attend(served: Promise<void>): Promise<void> {
    const serving = served
      .catch((error) => log.error("A client's connection failed", { error }))
      .finally(() => this.#open.delete(serving));
    this.#open.add(serving);
    return serving;
  }

  /** Waits until all have ended what is under way, and cuts off who takes too long. */
  async end(withinMs: number): Promise<void> {
    this.#edge.beginToEnd();
    const timer = setTimeout(() => this.#edge.cutAll(), withinMs);
    await Promise.all(this.#open);
    clearTimeout(timer);
  }
}
