/**
 * The ingress's TLS port: one public port, a certificate for each name, TLS 1.2 and 1.3, and ALPN. It gives whoever
 * carries requests a connection on which TLS is agreed on. Other certificates can be set at any time: what is open, and
 * what has begun, goes on with those that it began with.
 *
 *     client → TlsArrival (reads the name) → InnerListener of that name's certificate → onConnection
 * @module
 */
import { getLog } from "../../runtime/log.ts";
import { listen } from "../engine/deno/listen.ts";
import type { Listening } from "../engine/engine.ts";
import { acceptEach } from "./accept_each.ts";
import type { Certificates } from "./certificates.ts";
import { InnerListeners } from "./inner_listeners.ts";
import { type ArrivalEnd, type ArrivalParts, TlsArrival } from "./tls_arrival.ts";

export interface TlsLimits {
  /** Connections at once; what comes beyond is closed at once. */
  readonly connectionsMax: number;
  /** Of these, those on which TLS is not agreed on yet: the one that has tried for longest makes place for a new one. */
  readonly handshakesMax: number;
  /** From a connection's beginning until TLS is agreed on. */
  readonly handshakeMs: number;
  /** For how long, and twice that at most, a client may take nothing of what it was sent last, or not close after it. */
  readonly lingerMs: number;
}

export const TLS_LIMITS: TlsLimits = {
  connectionsMax: 20_000,
  handshakesMax: 1_000,
  handshakeMs: 10_000,
  lingerMs: 30_000,
};

export interface TlsFrontOptions extends Pick<ArrivalParts, "onConnection"> {
  readonly listening: Listening;
  /** Whether other threads listen on the same port. */
  readonly isShared?: boolean;
  readonly certificates: Certificates;
  /** What can be spoken within TLS, the best first. */
  readonly protocols: readonly string[];
  readonly limits?: TlsLimits;
}

/** What has happened so far; it only grows, but for what is open. */
export interface TlsCounts {
  readonly open: number;
  /** Of these, those on which TLS is not agreed on yet. */
  readonly handshaking: number;
  readonly accepted: number;
  /** Closed at once, as there were too many. */
  readonly turnedAway: number;
  /** Those that are over, by how they went. */
  readonly ended: Readonly<Record<ArrivalEnd, number>>;
}

const log = getLog("ingress");

export class TlsFront {
  readonly #options: TlsFrontOptions;
  readonly #limits: TlsLimits;
  readonly #listener: Deno.TcpListener;
  readonly #inner: InnerListeners;
  readonly #open = new Map<TlsArrival, Promise<void>>();
  readonly #handshaking = new Set<TlsArrival>();
  readonly #ended: Record<ArrivalEnd, number> = {
    secured: 0,
    foreign: 0,
    malformed: 0,
    unknown: 0,
    failed: 0,
    late: 0,
    left: 0,
    short: 0,
    cut: 0,
  };
  #accepted = 0;
  #turnedAway = 0;
  #isClosed = false;

  constructor(listener: Deno.TcpListener, options: TlsFrontOptions) {
    this.#options = options;
    this.#limits = options.limits ?? TLS_LIMITS;
    this.#listener = listener;
    this.#inner = new InnerListeners(options.protocols);
  }

  get address(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** Takes connections in until it is closed. */
  run(): Promise<void> {
    return acceptEach(this.#listener, (conn) => this.#take(conn));
  }

  /** New connections get these certificates. */
  reload(certificates: Certificates): void {
    if (!this.#isClosed) this.#inner.set(certificates);
  }

  counts(): TlsCounts {
    return {
      open: this.#open.size,
      handshaking: this.#handshaking.size,
      accepted: this.#accepted,
      turnedAway: this.#turnedAway,
      ended: { ...this.#ended },
    };
  }

  /** Takes no more in, and cuts those that have said nothing. Resolves when whoever serves the others is done. */
  async close(): Promise<void> {
    if (!this.#isClosed) this.#listener.close();
    this.#isClosed = true;
    for (const arrival of this.#handshaking) arrival.cutIfSilent();
    await Promise.all(this.#open.values());
    await this.#inner.close();
  }

  #take(conn: Deno.TcpConn): void {
    this.#accepted += 1;
    if (this.#open.size >= this.#limits.connectionsMax) {
      this.#turnedAway += 1;
      return conn.close();
    }
    conn.setNoDelay(true);
    if (this.#handshaking.size >= this.#limits.handshakesMax) this.#cutOldest();
    const { handshakeMs, lingerMs } = this.#limits;
    const arrival: TlsArrival = new TlsArrival(conn, {
      find: (host) => this.#inner.find(host),
      onConnection: this.#options.onConnection,
      onSecured: () => this.#handshaking.delete(arrival),
      handshakeMs,
      lingerMs,
    });
    this.#handshaking.add(arrival);
    this.#open.set(arrival, this.#attend(arrival));
  }

  #cutOldest(): void {
    const [oldest] = this.#handshaking;
    if (oldest === undefined) return;
    this.#handshaking.delete(oldest);
    oldest.cut("late");
  }

  async #attend(arrival: TlsArrival): Promise<void> {
    try {
      this.#ended[await arrival.run()] += 1;
    } catch (error) {
      log.error("Cannot serve a connection", { error });
    } finally {
      this.#handshaking.delete(arrival);
      this.#open.delete(arrival);
    }
  }
}

/** Throws, with what to do, when the port can't be had. */
export function startTlsFront(options: TlsFrontOptions): TlsFront {
  const front = new TlsFront(listen(options.listening, { isShared: options.isShared ?? false }), options);
  front.reload(options.certificates);
  front.run().catch((error) => log.error("The TLS port takes no connections any more", { error }));
  return front;
}
