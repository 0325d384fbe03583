/**
 * The client's side of an HTTP/2 connection, with prior knowledge: requests go in and give their stream's number,
 * answers come out as events. Nothing may be pushed.
 * @module
 */

import { type Fields, isNamed, NO_FIELDS } from "../http1/fields.ts";
import { connectionFault, ErrorCode, type Fault, malformed } from "./error_code.ts";
import type { ClientHead } from "./event.ts";
import type { Headers } from "./frame_layer.ts";
import { WINDOW_MAX } from "./frames.ts";
import { CLIENT_LIMITS, type Limits } from "./limits.ts";
import { Machine, type Step } from "./machine.ts";
import { PREFACE } from "./preface.ts";
import { judgeResponse } from "./response_head.ts";
import { type PeerSettings, Setting } from "./settings.ts";
import type { Stream } from "./stream.ts";

export interface Request {
  readonly method: string;
  readonly scheme: "http" | "https";
  readonly authority: string;
  /** Path and query, or `*`. It goes out byte for byte. */
  readonly path: string;
  /** Without pseudo fields. Names in any case; Host and the fields of one connection are left out. */
  readonly fields: Fields;
}

/** What a server is taken to allow before it has said so. */
const STREAMS_MAX_UNTOLD = 100;

/** One connection to a server. */
export class ClientMachine extends Machine<ClientHead> {
  #nextStream = 1;
  #streamsMax = STREAMS_MAX_UNTOLD;
  #isGoingAway = false;

  constructor(limits: Limits = CLIENT_LIMITS) {
    super(limits, "settings");
    this.sender.output.bytes(PREFACE);
    this.greet([[Setting.ENABLE_PUSH, 0]]);
  }

  /** Whether a request can be sent now. */
  get mayRequest(): boolean {
    const streamsMax = Math.min(this.#streamsMax, this.limits.streamsMax);
    return !this.isOver && !this.#isGoingAway && this.streamCount < streamsMax && this.#nextStream <= WINDOW_MAX;
  }

  /** True when it will never take a request again: use another connection. */
  get isSpent(): boolean {
    return this.isOver || this.#isGoingAway || this.#nextStream > WINDOW_MAX;
  }

  /** Sends a request's head; then `data()` and `end()`. Gives its stream's number. Ask `mayRequest` first. */
  request({ method, scheme, authority, path, fields }: Request): number {
    if (!this.mayRequest) throw new Error("Cannot send request: the connection takes none now; ask mayRequest first");
    const stream = this.streams.open(this.#nextStream);
    const pseudo: Fields = [[":method", method], [":scheme", scheme], [":authority", authority], [":path", path]];
    try {
      this.sender.head(stream, fields.filter((field) => !isNamed(field, "host")), pseudo);
    } catch (cause) {
      this.streams.ended(stream);
      throw cause;
    }
    stream.method = method;
    this.#nextStream += 2;
    return stream.id;
  }

  protected override get lastStream(): number {
    return 0;
  }

  protected override isIdle(stream: number): boolean {
    return stream % 2 === 0 || stream >= this.#nextStream;
  }

  protected override opening({ stream: id }: Headers): Step<ClientHead> {
    if (this.isIdle(id)) return connectionFault(ErrorCode.PROTOCOL_ERROR, "an answer that no request asked for");
    if (this.streams.closed.wasResetHere(id)) return "again";
    return connectionFault(ErrorCode.STREAM_CLOSED, "a head behind the end of its stream");
  }

  protected override head(headers: Headers, stream: Stream): Step<ClientHead> {
    if (stream.hasHead) return this.endByTrailers(stream, headers);
    const { list, isLast } = headers;
    const head = judgeResponse(list, { stream: stream.id, isLast, method: stream.method });
    if (head.kind === "fault") return head;
    if (head.kind === "interim") {
      stream.interims++;
      return stream.interims > this.limits.interimMax ? malformed(stream.id, "too many interim answers") : head;
    }
    stream.begin(head.framing);
    return (isLast ? this.endRemote(stream, NO_FIELDS) : undefined) ?? head;
  }

  /** What the server says it will not look at can be asked elsewhere. */
  protected override goaway(lastStream: number): void {
    this.#isGoingAway = true;
    for (const stream of this.streams.all()) {
      if (stream.id <= lastStream) continue;
      this.streams.ended(stream);
      const detail = "the server goes away and has not looked at it";
      const code = ErrorCode.REFUSED_STREAM;
      this.events.push({ kind: "reset", stream: stream.id, by: "peer", code, detail, isUnprocessed: true });
    }
  }

  protected override settings({ streamsMax, isPushEnabled }: PeerSettings): Fault | undefined {
    if (isPushEnabled) return connectionFault(ErrorCode.PROTOCOL_ERROR, "a server can't enable push");
    this.#streamsMax = streamsMax ?? this.#streamsMax;
    return undefined;
  }

  protected override pong(): void {
    // None is waited for.
  }

  protected override endedFirst(): void {
    // The answer follows.
  }
}
