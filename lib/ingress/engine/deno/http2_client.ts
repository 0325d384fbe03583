/**
 * A client's connection that speaks HTTP/2: its requests are answered side by side, each as a stream of its own.
 * @module
 */
import type { RequestHead } from "../../../wire/http1/event.ts";
import type { Event, RequestHead as Http2Head, ServerHead } from "../../../wire/http2/event.ts";
import { ServerMachine } from "../../../wire/http2/server.ts";
import type { Peer } from "../../seen/peer_address.ts";
import { Channel } from "../../upstream/channel.ts";
import { Http2Driver } from "../../upstream/http2_driver.ts";
import type { Connected, Edge } from "./edge.ts";
import { exchange } from "./exchange.ts";
import type { Client } from "./http1_client.ts";
import { Http2Stream, type StreamHome } from "./http2_stream.ts";
import { giveOwnAnswer, refusal } from "./own_answer.ts";
import { Pace } from "./pace.ts";

/** How often a client's pace is looked at, in the time that it may be slow. */
const LOOKS = 4;
/** For how long a client that was told that the connection ends may take to close it. */
const FAREWELL_MS = 2_000;

/** Resolves when the connection is over, and closed. */
export async function serveHttp2(conn: Deno.Conn, from: Client, edge: Edge): Promise<void> {
  const client = new Http2Client(new Channel(conn), from, edge);
  edge.enter(client);
  try {
    await client.serve();
  } finally {
    edge.exit(client);
  }
}

class Http2Client implements Connected, StreamHome {
  readonly machine = new ServerMachine();
  readonly peer: Peer;
  readonly covers: ((host: string) => boolean) | undefined;
  readonly now: () => number;
  readonly #channel: Channel;
  readonly #edge: Edge;
  readonly #streams = new Map<number, Http2Stream>();
  readonly #exchanges = new Set<Promise<void>>();
  readonly #taking = new Pace();
  readonly #driver: Http2Driver<ServerHead>;
  #lookMs: number;
  /** Since when nothing is under way. */
  #idleSinceMs: number;
  #closeMs = Infinity;

  constructor(channel: Channel, { peer, covers }: Client, edge: Edge) {
    this.peer = peer;
    this.covers = covers;
    this.now = edge.now;
    this.#channel = channel;
    this.#edge = edge;
    this.#driver = new Http2Driver(this.machine, channel, {
      now: edge.now,
      hear: (event) => this.#hear(event),
      onWrite: (how) => how.begins ? this.#taking.begin(edge.now()) : this.#taking.end(edge.now(), how.bytes),
    });
    this.#idleSinceMs = edge.now();
    this.#lookMs = edge.now() + edge.limits.slowMs / LOOKS;
  }

  readonly isOpen = (): boolean => this.#edge.isOpen;

  get dueMs(): number {
    let dueMs = Math.min(this.#lookMs, this.#closeMs);
    for (const { answerDueMs } of this.#streams.values()) dueMs = Math.min(dueMs, answerDueMs);
    return dueMs;
  }

  due(nowMs: number): void {
    for (const stream of this.#streams.values()) {
      if (nowMs < stream.answerDueMs) continue;
      stream.answerDueMs = Infinity;
      stream.onAnswerDue();
    }
    if (nowMs >= this.#closeMs) return this.close();
    if (nowMs < this.#lookMs) return;
    const { limits } = this.#edge;
    this.#lookMs = nowMs + limits.slowMs / LOOKS;
    if (this.#taking.isSlow(nowMs, limits)) return this.close();
    for (const stream of this.#streams.values()) if (stream.isSlow(nowMs, limits)) stream.close();
    if (this.#streams.size === 0 && nowMs - this.#idleSinceMs >= limits.idleMs) this.closeIfIdle();
  }

  async serve(): Promise<void> {
    try {
      await this.#driver.run(() => this.machine.isOver || this.machine.isDrained);
      await this.#sayFarewell();
    } finally {
      this.close();
      await Promise.all(this.#exchanges);
      await this.#driver.written();
    }
  }

  write(): void {
    this.#driver.write();
  }

  /** Tells it that no more requests are taken; it ends with those that are under way. */
  closeIfIdle(): void {
    if (this.#closeMs < Infinity) return;
    this.machine.drain();
    this.write();
    if (this.#streams.size === 0) this.#closeMs = this.now() + FAREWELL_MS;
  }

  close(): void {
    this.#channel.close();
    for (const stream of [...this.#streams.values()]) stream.gone("the client has gone");
  }

  /** One that was told that it ends is read for a moment longer, so that it learns of it. */
  async #sayFarewell(): Promise<void> {
    if (!this.machine.isOver && !this.machine.isDrained) return;
    this.#closeMs = this.now() + FAREWELL_MS;
    await this.#channel.endWriting();
    while (typeof await this.#channel.read() !== "string");
  }

  #hear(event: Event<ServerHead>): void {
    switch (event.kind) {
      case "request":
        return this.#begin(event.stream, event);
      case "refused":
        return this.#begin(event.stream, undefined, event);
      case "data":
      case "end":
        return this.#streams.get(event.stream)?.came(event);
      case "drain":
        return this.#streams.get(event.stream)?.drained();
      case "error":
        for (const stream of [...this.#streams.values()]) stream.gone(event.detail);
        return;
      case "reset":
        return this.#streams.get(event.stream)?.gone(event.detail);
    }
  }

  #begin(id: number, head: Http2Head | undefined, refused?: Extract<ServerHead, { kind: "refused" }>): void {
    const stream = new Http2Stream(id, this, { isHeldBack: head?.expectContinue === true });
    this.#streams.set(id, stream);
    const answering = this.#answer(stream, head, refused).finally(() => {
      this.#exchanges.delete(answering);
      this.#streams.delete(id);
      this.#idleSinceMs = this.now();
      this.write();
    });
    this.#exchanges.add(answering);
  }

  async #answer(
    stream: Http2Stream,
    head: Http2Head | undefined,
    refused: Extract<ServerHead, { kind: "refused" }> | undefined,
  ): Promise<void> {
    // What has come along with its head is heard first.
    await Promise.resolve();
    if (refused !== undefined) {
      const { status, detail } = refused;
      giveOwnAnswer(refusal({ kind: "error", status, detail }), stream, { head: undefined, keepAlive: true });
      await stream.flush();
    } else if (head !== undefined) {
      await exchange(asHttp1(head), stream, this.#edge);
    }
    stream.close();
  }
}

/** The request as the rest of the engine knows requests. */
function asHttp1({ method, target, form, path, authority, fields, framing, expectContinue }: Http2Head): RequestHead {
  return {
    kind: "request",
    method,
    target,
    form,
    path,
    authority,
    version: "1.1",
    fields,
    framing: framing.kind === "unknown" ? { kind: "chunked" } : framing,
    keepAlive: true,
    expectContinue,
  };
}
