/**
 * One connection of a client to a TCP port of the ingress: where it came from is found out, a replica chosen and reached,
 * and bytes are copied both ways until one side is done. Another replica is tried as long as nothing of the client's was
 * sent. `listener.ts` begins sessions and ends those whose replica serves the port no more.
 * @module
 */
import { getLog } from "../../runtime/log.ts";
import { Channel } from "../upstream/channel.ts";
import type { Sweep } from "../engine/deno/sweep.ts";
import { IdleWatch, type IdleWatchOptions } from "./idle_watch.ts";
import { encodeProxyHeader, type Ends, type Place, ProxyHeaderReader } from "./proxy_protocol.ts";
import { splice } from "./splice.ts";

/** Replicas that one connection is tried at. */
const ATTEMPTS_MAX = 3;
/** A proxy says where a connection came from at once. */
const GREETING_MS = 5_000;
/** Why an attempt ends that the replica is not to blame for. */
const GIVEN_UP = new DOMException("The connection is not wanted there any more", "AbortError");
const NOTHING = new Uint8Array(0);

const log = getLog("ingress");

/** How connections to a port are treated. */
export interface TcpSettings {
  /** Clients are proxies, which say where a connection came from; one that says nothing is refused. */
  readonly acceptProxy: boolean;
  /** Replicas are told where a connection came from. */
  readonly sendProxy: boolean;
  readonly connectMs: number;
  readonly idleMs: number;
}

/** What a session needs of who wires it. */
export interface SessionParts<E extends Named> {
  readonly settings: TcpSettings;
  /** Which replica, by where the connection came from. `tried` are those that it was not brought to. */
  readonly choose: (source: string, options: { tried: readonly string[] }) => E | undefined;
  /** Told once of each that was chosen, when the connection is through with it. */
  readonly release: (endpoint: E, parting: Parting) => void;
  /** Opens a connection to it, directly or through its agent. */
  readonly connect: (endpoint: E, options: { signal: AbortSignal }) => Promise<Reached>;
  readonly sweep: Pick<Sweep, "add" | "delete">;
}

/** It was `carried` there, or not: as the replica could not be reached, or as the attempt was given up. */
export type Parting = "carried" | "failed" | "given up";

/** Whatever stands for a replica where connections are balanced. */
export interface Named {
  readonly replica: string;
}

/** A connection to a replica, and what that has said already. */
export interface Reached {
  readonly conn: Deno.Conn;
  readonly early: Uint8Array;
}

/**
 * Why a session is over: both sides were done, one broke, nothing came for too long, its replica serves the port no more,
 * the ingress closed, no replica was there, or the client did not speak the PROXY protocol.
 */
export type SessionEnd = "ended" | "broken" | "idle" | "cut" | "closed" | "unreached" | "refused";

interface Greeting {
  readonly ends: Ends;
  readonly rest: Uint8Array;
}

export class TcpSession<E extends Named> {
  readonly #parts: SessionParts<E>;
  readonly #client: Channel;
  readonly #ends: Ends;
  #replica: Channel | undefined;
  #attempt: AbortController | undefined;
  /** The first cause of its end. */
  #end: SessionEnd | undefined;
  /** Where it came from. */
  source: string;
  /** The replica that it is with, or is being brought to. */
  endpoint: E | undefined;
  connectFailures = 0;

  constructor(conn: Deno.Conn, parts: SessionParts<E>) {
    this.#parts = parts;
    sendAtOnce(conn);
    this.#client = new Channel(conn);
    this.#ends = { source: placeOf(conn.remoteAddr), destination: placeOf(conn.localAddr) };
    this.source = this.#ends.source.hostname;
  }

  /** What the client has sent, in bytes. */
  get received(): number {
    return this.#client.bytesRead;
  }

  /** What the client was sent, in bytes. */
  get sent(): number {
    return this.#client.bytesWritten;
  }

  /** Resolves when it is over and both connections are closed. Rejects on bugs only. */
  async run(): Promise<SessionEnd> {
    try {
      const greeting = await this.#greet();
      if (greeting === undefined) return this.#end ??= "refused";
      this.source = greeting.ends.source.hostname;
      const fromReplica = await this.#reach(greeting.ends);
      if (this.#replica === undefined || fromReplica === undefined) return this.#end ??= "unreached";
      const outcome = await this.#carry(this.#replica, { fromClient: greeting.rest, fromReplica });
      return this.#end ??= outcome;
    } finally {
      this.#close();
      if (this.#replica !== undefined && this.endpoint !== undefined) this.#parts.release(this.endpoint, "carried");
    }
  }

  /** Ends it at once. */
  cut(why: "idle" | "cut" | "closed" | "refused" = "cut"): void {
    this.#end ??= why;
    this.#attempt?.abort(GIVEN_UP);
    this.#close();
  }

  /** Its replica serves the port no more. One that is not there yet is brought to another. */
  lose(): void {
    if (this.#replica === undefined) this.#attempt?.abort(GIVEN_UP);
    else this.cut();
  }

  /** Undefined where the client doesn't say what it has to. */
  async #greet(): Promise<Greeting | undefined> {
    if (!this.#parts.settings.acceptProxy) return { ends: this.#ends, rest: NOTHING };
    const stop = this.#watch({ limitMs: GREETING_MS, progress: () => 0, lapse: () => this.cut("refused") });
    const reader = new ProxyHeaderReader();
    try {
      for (;;) {
        const read = await this.#client.read();
        if (typeof read === "string") return undefined;
        const header = reader.push(read);
        if (header.kind === "refused") return undefined;
        if (header.kind === "header") return { ends: header.ends ?? this.#ends, rest: header.rest };
      }
    } finally {
      stop();
    }
  }

  /** Brings it to a replica; gives what that has said already. */
  async #reach(ends: Ends): Promise<Uint8Array | undefined> {
    const { choose, release } = this.#parts;
    const tried: string[] = [];
    while (tried.length < ATTEMPTS_MAX && this.#end === undefined) {
      const endpoint = this.endpoint = choose(this.source, { tried });
      if (endpoint === undefined) return undefined;
      tried.push(endpoint.replica);
      const attempt = this.#attempt = new AbortController();
      const early = await this.#connect(endpoint, { ends, attempt });
      this.#attempt = undefined;
      if (early !== undefined) return early;
      const isGivenUp = attempt.signal.reason === GIVEN_UP;
      if (!isGivenUp) this.connectFailures += 1;
      release(endpoint, isGivenUp ? "given up" : "failed");
    }
    return undefined;
  }

  /** Undefined when it could not be reached in time, whatever was in the way: another replica may be there. */
  async #connect(
    endpoint: E,
    { ends, attempt }: { ends: Ends; attempt: AbortController },
  ): Promise<Uint8Array | undefined> {
    const { settings, connect } = this.#parts;
    const { signal } = attempt;
    const timer = setTimeout(() => attempt.abort(), settings.connectMs);
    try {
      const { conn, early } = await connect(endpoint, { signal });
      sendAtOnce(conn);
      const replica = new Channel(conn);
      const isTold = !signal.aborted && (!settings.sendProxy || await replica.write(encodeProxyHeader(ends)));
      if (isTold && !signal.aborted) {
        this.#replica = replica;
        return early;
      }
      replica.close();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      log.debug("Cannot reach a replica", { replica: endpoint.replica, reason: error.message });
    } finally {
      clearTimeout(timer);
    }
    return undefined;
  }

  async #carry(replica: Channel, early: { fromClient: Uint8Array; fromReplica: Uint8Array }) {
    const client = this.#client;
    const stop = this.#watch({
      limitMs: this.#parts.settings.idleMs,
      progress: () => client.bytesRead + client.bytesWritten + replica.bytesRead + replica.bytesWritten,
      lapse: () => this.cut("idle"),
    });
    try {
      return await splice(client, replica, early);
    } finally {
      stop();
    }
  }

  /** Returns what ends the watch. */
  #watch(options: IdleWatchOptions): () => void {
    const watch = new IdleWatch(options);
    this.#parts.sweep.add(watch);
    return () => this.#parts.sweep.delete(watch);
  }

  #close(): void {
    this.#client.close();
    this.#replica?.close();
  }
}

function placeOf(address: Deno.Addr): Place {
  return "hostname" in address ? { hostname: address.hostname, port: address.port } : { hostname: "", port: 0 };
}

/** Small writes would wait for the acknowledgement of those before. */
function sendAtOnce(conn: Deno.Conn): void {
  if ("setNoDelay" in conn && typeof conn.setNoDelay === "function") conn.setNoDelay(true);
}
