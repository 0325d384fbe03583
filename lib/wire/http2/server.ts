/**
 * The server's side of an HTTP/2 connection: requests come out as events, answers go in by their stream's number. A
 * client that is answered in full while it still sends is told to stop (RFC 9113 §8.1).
 * @module
 */

import { type Fields, NO_FIELDS } from "../http1/fields.ts";
import { connectionFault, ErrorCode, type Fault, streamFault } from "./error_code.ts";
import type { ServerHead } from "./event.ts";
import type { Headers } from "./frame_layer.ts";
import { WINDOW_MAX } from "./frames.ts";
import { type Limits, SERVER_LIMITS } from "./limits.ts";
import { Machine, type Step } from "./machine.ts";
import { judgeRequest } from "./request_head.ts";
import { Setting } from "./settings.ts";
import type { Stream } from "./stream.ts";

export interface Answer {
  readonly status: number;
  /** Without pseudo fields. Names in any case; fields of one connection are left out. */
  readonly fields: Fields;
}

/** A ping by which it is known that the client has read what was said before it. */
const DRAIN_PING: Uint8Array = Uint8Array.of(0x64, 0x72, 0x61, 0x69, 0x6e, 0, 0, 0);

/** One connection of a client. */
export class ServerMachine extends Machine<ServerHead> {
  /** The last stream that a client opened, and the last that was looked at. */
  #opened = 0;
  #lookedAt = 0;
  #draining: "no" | "announced" | "closed" = "no";

  constructor(limits: Limits = SERVER_LIMITS) {
    super(limits, "preface");
    this.greet([[Setting.MAX_CONCURRENT_STREAMS, limits.streamsMax]]);
  }

  /** True when, after `drain()`, nothing is open any more and nothing can come: write `output()`, linger and close. */
  get isDrained(): boolean {
    return this.#draining === "closed" && this.streamCount === 0;
  }

  /** The head of the final answer; then `data()` and `end()`. Of a stream that is gone it is dropped. */
  respond(stream: number, { status, fields }: Answer): void {
    if (!Number.isInteger(status) || status < 200 || status > 999) {
      throw new TypeError(`Cannot answer stream ${stream}: ${status} is no final status`);
    }
    this.#head(stream, { status, fields });
  }

  /** An answer before the final one. */
  interim(stream: number, { status, fields }: Answer): void {
    if (!Number.isInteger(status) || status < 100 || status > 199 || status === 101) {
      throw new TypeError(`Cannot answer stream ${stream}: ${status} is no interim status of HTTP/2`);
    }
    this.#head(stream, { status, fields });
  }

  /** Takes no new requests, in a way that loses none: those under way when the client learns of it are still taken. */
  drain(): void {
    if (this.#draining !== "no" || this.isOver) return;
    this.#draining = "announced";
    this.sender.goaway(WINDOW_MAX, ErrorCode.NO_ERROR);
    this.sender.ping(DRAIN_PING, 0);
  }

  protected override get lastStream(): number {
    return this.#lookedAt;
  }

  protected override isIdle(stream: number): boolean {
    return stream % 2 === 0 || stream > this.#opened;
  }

  protected override opening(headers: Headers): Step<ServerHead> {
    const { stream: id, list, isLast, fault } = headers;
    const { limits } = this;
    if (id <= this.#opened || id % 2 === 0) return this.#reopening(id);
    this.#opened = id;
    if (this.#draining === "closed") {
      this.streams.closed.resetHere(id);
      return "again";
    }
    this.#lookedAt = id;
    if (fault !== undefined) return fault;
    if (this.streamCount >= limits.streamsMax) {
      const detail = `more than ${limits.streamsMax} streams at once`;
      return streamFault(id, { code: ErrorCode.REFUSED_STREAM, detail });
    }
    const head = judgeRequest(list, { stream: id, isLast, limits });
    if (head.kind === "fault") return head;
    const stream = this.streams.open(id);
    if (head.kind === "request") stream.begin(head.framing);
    stream.hasHead = true;
    stream.isUnwanted = head.kind === "refused";
    return (isLast ? this.endRemote(stream, NO_FIELDS) : undefined) ?? head;
  }

  protected override head(headers: Headers, stream: Stream): Step<ServerHead> {
    return this.endByTrailers(stream, headers);
  }

  protected override goaway(): void {
    // It says which pushed streams a client has taken: none are pushed.
  }

  protected override settings(): undefined {}

  protected override pong(payload: Uint8Array): void {
    if (this.#draining !== "announced" || !DRAIN_PING.every((octet, at) => payload[at] === octet)) return;
    this.#draining = "closed";
    this.sender.goaway(this.#lookedAt, ErrorCode.NO_ERROR);
  }

  protected override endedFirst({ id }: Stream): void {
    this.streams.reset(id, ErrorCode.NO_ERROR);
  }

  #head(stream: number, { status, fields }: Answer): void {
    const open = this.streams.writable(stream);
    if (open !== undefined) this.sender.head(open, fields, [[":status", String(status)]]);
  }

  #reopening(id: number): Fault | "again" {
    if (this.streams.closed.wasResetHere(id)) return "again";
    return this.streams.closed.hasEnded(id)
      ? connectionFault(ErrorCode.STREAM_CLOSED, "a head behind the end of its stream")
      : connectionFault(ErrorCode.PROTOCOL_ERROR, `a client can't open stream ${id} now: odd numbers that grow`);
  }
}
