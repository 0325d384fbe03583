/**
 * Connections to replicas that speak HTTP/2 without TLS (h2c, as gRPC servers do): one for each replica, with all of its
 * requests side by side on it; another one when the first takes no more.
 * @module
 */
import type { Endpoint } from "../../cluster/endpoint.ts";
import { ClientMachine } from "../../wire/http2/client.ts";
import type { ClientHead, Event } from "../../wire/http2/event.ts";
import type { AgentAccess } from "../../wire/tunnel.ts";
import type { Attendance } from "../attendance.ts";
import { Channel } from "./channel.ts";
import { Http2Driver } from "./http2_driver.ts";
import { openReplica } from "./open_replica.ts";

/** What happens on one stream. */
export type StreamEvent = Exclude<Event<ClientHead>, { kind: "goaway" | "error" | "closed" }>;

export interface StreamEar {
  hear(event: StreamEvent): void;
  /** The connection is gone, and the stream with it. */
  lost(): void;
}

export class Http2Session {
  readonly machine = new ClientMachine();
  readonly #channel: Channel;
  readonly #driver: Http2Driver<ClientHead>;
  readonly #ears = new Map<number, StreamEar>();
  #isGone = false;
  #isRetired = false;

  constructor({ conn, early }: { conn: Deno.Conn; early: Uint8Array }, now: () => number) {
    this.#channel = new Channel(conn);
    this.#driver = new Http2Driver(this.machine, this.#channel, { now, hear: (event) => this.#hear(event) });
    if (early.length > 0) this.machine.push(early, now());
  }

  /** Whether it takes a request now. */
  get mayAsk(): boolean {
    return !this.#isGone && !this.#isRetired && this.machine.mayRequest;
  }

  /** Resolves when it is gone. */
  async run(): Promise<void> {
    try {
      await this.#driver.run(() => this.machine.isOver || (this.machine.isSpent && this.machine.streamCount === 0));
    } finally {
      this.close();
      await this.#driver.written();
    }
  }

  attend(stream: number, ear: StreamEar): void {
    this.#ears.set(stream, ear);
  }

  leave(stream: number): void {
    this.#ears.delete(stream);
    if (this.#isRetired && this.#ears.size === 0) this.close();
  }

  /** Ends with the last of its streams. */
  retire(): void {
    this.#isRetired = true;
    if (this.#ears.size === 0) this.close();
  }

  write(): void {
    this.#driver.write();
  }

  close(): void {
    this.#isGone = true;
    this.#channel.close();
    for (const ear of [...this.#ears.values()]) ear.lost();
    this.#ears.clear();
  }

  #hear(event: Event<ClientHead>): void {
    // The end of the connection is seen by who runs it.
    if (event.kind === "goaway" || event.kind === "error" || event.kind === "closed") return;
    this.#ears.get(event.stream)?.hear(event);
  }
}

/** The sessions of one replica. */
interface Home {
  endpoint: Endpoint;
  sessions: Set<Http2Session>;
  leave: () => void;
}

export interface Http2SessionsOptions {
  access: AgentAccess;
  now: () => number;
  attendance: Pick<Attendance, "attend">;
}

export class Http2Sessions {
  readonly #options: Http2SessionsOptions;
  readonly #homes = new Map<string, Home>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: Http2SessionsOptions) {
    this.#options = options;
  }

  /** One that takes a request now. Rejects when there is none to be had. */
  async open(endpoint: Endpoint, { signal }: { signal: AbortSignal }): Promise<Http2Session> {
    const free = this.#homeOf(endpoint).sessions.values().find(({ mayAsk }) => mayAsk);
    if (free !== undefined) return free;
    const { access, now } = this.#options;
    const session = new Http2Session(await openReplica(endpoint, { access, signal }), now);
    const { sessions } = this.#homeOf(endpoint);
    sessions.add(session);
    const running = session.run().finally(() => {
      sessions.delete(session);
      this.#running.delete(running);
    });
    this.#running.add(running);
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const replica of this.#homes.keys()) this.#drop(replica);
    await Promise.all(this.#running);
  }

  #homeOf(endpoint: Endpoint): Home {
    const { replica, nodeUrl, port } = endpoint;
    const known = this.#homes.get(replica);
    if (known?.endpoint.nodeUrl === nodeUrl && known.endpoint.port === port) return known;
    this.#drop(replica);
    const leave = this.#options.attendance.attend(replica, (how) => {
      if (how === "lost") this.#drop(replica);
      else this.#retire(replica);
    });
    const home = { endpoint, sessions: new Set<Http2Session>(), leave };
    this.#homes.set(replica, home);
    return home;
  }

  /** What is under way goes on, and each session ends with the last of it. */
  #retire(replica: string): void {
    const home = this.#homes.get(replica);
    home?.leave();
    this.#homes.delete(replica);
    for (const session of home?.sessions ?? []) session.retire();
  }

  #drop(replica: string): void {
    const home = this.#homes.get(replica);
    home?.leave();
    this.#homes.delete(replica);
    for (const session of home?.sessions ?? []) session.close();
  }
}
