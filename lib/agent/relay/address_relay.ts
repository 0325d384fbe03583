/**
 * Carries connections that programs on this host make to a service's address to one of its ready replicas: to its port
 * when it is here, else through a tunnel of its agent's. A connection waits a while for a replica to become ready, so
 * that a restart or a move is a delay and no refusal; one whose replica's host is lost is cut, as the host can't.
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import { isDisconnect } from "../../runtime/disconnect.ts";
import type { PeerEndpoint } from "../../wire/protocol.ts";
import type { AddressBook, Gone } from "./address_book.ts";
import { sendAtOnce, writeAll } from "../http/http_connection.ts";
import { carryTunnel, closeQuietly } from "./relay_tunnel.ts";

/** How long a connection waits for a ready replica. */
const HOLD_MS = 5_000;
/** Replicas that are tried for one connection before it waits for news. */
const TRIES_MAX = 3;
/** News may fail to come: then the same replicas are tried again. */
const RETRY_MS = 500;
/** All connections of this host to addresses. */
const CONNECTIONS_MAX = 4_096;

/** A connection to a replica, and what the replica has said already. */
export interface Way {
  conn: Deno.Conn;
  early: Uint8Array;
  /** To be called when the connection is closed. */
  leave: () => void;
}

export interface AddressRelayOptions {
  book: AddressBook;
  /** Connects to a replica; rejects when it can't be reached. */
  reach: (endpoint: PeerEndpoint, options: { signal: AbortSignal }) => Promise<Way>;
  clock: Clock;
  /** Cuts everything. */
  signal: AbortSignal;
  holdMs?: number;
}

export class AddressRelay {
  readonly #options: AddressRelayOptions;
  /** Resolves when the endpoints have changed. */
  #news = Promise.withResolvers<void>();
  #connections = 0;
  /** What cuts the connections to each replica. */
  readonly #cuts = new Map<string, Set<() => void>>();

  constructor(options: AddressRelayOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#cutAll(), { once: true });
  }

  /** Connections that are carried or wait for a replica. */
  get connections(): number {
    return this.#connections;
  }

  /** Carries a connection to its end, and closes it. Rejects on bugs only. */
  async serve(service: string, client: Deno.Conn): Promise<void> {
    if (this.#connections >= CONNECTIONS_MAX || this.#options.signal.aborted) return client.close();
    this.#connections += 1;
    try {
      sendAtOnce(client);
      const found = await this.#find(service);
      if (found === undefined) return client.close();
      await this.#carry(client, found);
    } finally {
      this.#connections -= 1;
    }
  }

  /** The endpoints have changed: whoever waits looks again, and what leads to a lost host is cut. */
  changed(gone: readonly Gone[]): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
    for (const { replica, how } of gone) {
      // From one that is withdrawn its agent takes leave in order.
      if (how === "lost") { for (const cut of this.#cuts.get(replica) ?? []) cut(); }
    }
  }

  async #find(service: string): Promise<{ endpoint: PeerEndpoint; way: Way } | undefined> {
    const { book, clock, signal, holdMs = HOLD_MS } = this.#options;
    const untilMs = clock.now() + holdMs;
    const tried = new Set<string>();
    while (!signal.aborted) {
      const news = this.#news.promise;
      const endpoint = tried.size < TRIES_MAX ? book.choose(service, { except: tried, nowMs: clock.now() }) : undefined;
      if (endpoint !== undefined) {
        const way = await this.#connect(endpoint);
        if (way !== undefined) return { endpoint, way };
        tried.add(endpoint.replica);
        continue;
      }
      const leftMs = untilMs - clock.now();
      if (leftMs <= 0) return undefined;
      await this.#pause(news, Math.min(leftMs, RETRY_MS));
      tried.clear();
    }
    return undefined;
  }

  /** Counts from here on: others that come meanwhile go elsewhere. */
  async #connect(endpoint: PeerEndpoint): Promise<Way | undefined> {
    const { book, reach, clock, signal } = this.#options;
    book.open(endpoint);
    try {
      return await reach(endpoint, { signal });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      book.close(endpoint);
      book.avoid(endpoint, clock.now());
      return undefined;
    }
  }

  async #carry(client: Deno.Conn, { endpoint, way }: { endpoint: PeerEndpoint; way: Way }): Promise<void> {
    const { replica } = endpoint;
    const cut = () => {
      closeQuietly(client);
      closeQuietly(way.conn);
    };
    const cuts = this.#cuts.get(replica) ?? new Set();
    this.#cuts.set(replica, cuts.add(cut));
    try {
      await writeAll(client, way.early);
      await carryTunnel(client, way.conn, { early: new Uint8Array(0) });
    } catch (error) {
      if (!isDisconnect(error)) throw error;
    } finally {
      cut();
      cuts.delete(cut);
      if (cuts.size === 0) this.#cuts.delete(replica);
      way.leave();
      this.#options.book.close(endpoint);
    }
  }

  async #pause(news: Promise<void>, ms: number): Promise<void> {
    const over = new AbortController();
    const { clock, signal } = this.#options;
    const pause = clock.sleep(ms, { signal: AbortSignal.any([signal, over.signal]) }).catch((error) => {
      if (!signal.aborted && !over.signal.aborted) throw error;
    });
    await Promise.race([news, pause]);
    over.abort();
  }

  #cutAll(): void {
    for (const cuts of this.#cuts.values()) for (const cut of cuts) cut();
  }
}
