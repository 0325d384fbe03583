/**
 * The HTTP/2 machine, what both roles share: bytes are pushed in, events are asked for, and what is to be sent is taken
 * out in one piece. It has no socket and no clock. A driver repeats: ask `next()` until it gives nothing, write what
 * `output()` gives, and when that is nothing, read and `push()`. Back-pressure goes both ways: the peer may send more
 * as the driver says `took()`; the driver gives more when `data()` said "go on", or after `drain`.
 * @module
 */

import { type Fields, NO_FIELDS } from "../http1/fields.ts";
import { connectionFault, ErrorCode, type Fault, malformed, streamFault } from "./error_code.ts";
import type { ClientHead, Event, ResetEvent, ServerHead } from "./event.ts";
import { Floods } from "./floods.ts";
import { type Beginning, FrameLayer, type Headers } from "./frame_layer.ts";
import { Flag, type Frame, FrameType, readUint31, readUint32, WINDOW_INITIAL, withoutPadding } from "./frames.ts";
import type { Limits } from "./limits.ts";
import type { Sender } from "./sender.ts";
import { parseSettings, type PeerSettings, Setting } from "./settings.ts";
import type { Stream } from "./stream.ts";
import { Streams } from "./streams.ts";
import { judgeTrailers } from "./trailers.ts";

/** What a step gives: "again" when there is nothing to tell. */
export type Step<Head extends ServerHead | ClientHead> = Event<Head> | Fault | "again";

/** One connection. Subclasses know who opens streams, and judge heads. */
export abstract class Machine<Head extends ServerHead | ClientHead> {
  protected readonly limits: Limits;
  protected readonly streams: Streams;
  protected readonly sender: Sender;
  /** What else is to be told before anything further is read. */
  protected readonly events: Event<Head>[] = [];
  readonly #frames: FrameLayer;
  readonly #floods: Floods;
  #isOver = false;
  #finished: "no" | "closed" | "cut" | "told" = "no";
  #nowMs = 0;

  constructor(limits: Limits, beginning: Beginning) {
    this.limits = limits;
    this.#frames = new FrameLayer(limits, beginning);
    this.#floods = new Floods(limits);
    this.streams = new Streams(limits, {
      onEnd: (stream) => stream.isRemoteEnded ? this.streams.ended(stream) : this.endedFirst(stream),
      onDrain: ({ id }) => this.events.push({ kind: "drain", stream: id }),
    });
    this.sender = this.streams.sender;
  }

  /** Whether nothing can have come of that stream yet. */
  protected abstract isIdle(stream: number): boolean;
  /** A head on a stream that isn't open. */
  protected abstract opening(headers: Headers): Step<Head>;
  /** A head or trailers on a stream that is. */
  protected abstract head(headers: Headers, stream: Stream): Step<Head>;
  /** The peer takes no streams beyond that one. */
  protected abstract goaway(lastStream: number): void;
  protected abstract settings(settings: PeerSettings): Fault | undefined;
  protected abstract pong(payload: Uint8Array): void;
  /** This side's message has ended, the peer's goes on. */
  protected abstract endedFirst(stream: Stream): void;
  /** The last of the peer's streams that was looked at. */
  protected abstract get lastStream(): number;

  /** Streams that are open. */
  get streamCount(): number {
    return this.streams.size;
  }

  /**
   * True after the `error` event. Write `output()`, end writing, then read and discard for a moment before closing: bytes
   * that arrive at a closed socket would make the system take the GOAWAY back.
   */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** True while so much is to be sent that nothing further is read: write first. */
  get isStalled(): boolean {
    return this.sender.isFull;
  }

  /** Bytes that were pushed and not yet read. */
  get buffered(): number {
    return this.#frames.buffered;
  }

  /** Gives the machine bytes. They must stay unchanged until `next()` returns undefined. */
  push(bytes: Uint8Array, nowMs: number): void {
    this.#nowMs = nowMs;
    if (!this.#isOver) this.#frames.push(bytes);
  }

  /** Says that no more bytes follow: `closed` by the peer in good order, or `cut` by a fault of the connection. */
  finish(how: "closed" | "cut"): void {
    this.#finished = how;
  }

  /** The next event, or undefined when more bytes are needed, or `output()` has to be taken first. */
  next(): Event<Head> | undefined {
    while (!this.isStalled) {
      const step = this.events.shift() ?? this.#step();
      if (step === undefined) break;
      const event = step !== "again" && step.kind === "fault" ? this.#fail(step) : step;
      if (event !== "again") return event;
    }
    this.#frames.detach();
    return undefined;
  }

  /** Takes all that is to be sent; empty when nothing is. Ask `next()` again after it. */
  output(): Uint8Array {
    return this.sender.take();
  }

  /** Sends content of this side's message; what can't go out yet is copied. After "wait" give no more before `drain`. */
  data(stream: number, bytes: Uint8Array): "go on" | "wait" {
    return this.streams.data(stream, bytes);
  }

  /** Ends this side's message. */
  end(stream: number, trailers: Fields = NO_FIELDS): void {
    this.streams.end(stream, trailers);
  }

  /** Gives a stream up in both directions. No event follows. */
  reset(stream: number, code: number = ErrorCode.CANCEL): void {
    if (this.streams.get(stream) !== undefined) this.streams.reset(stream, code);
  }

  /** The consumer took so much of a stream's content: the peer may send as much again. */
  took(stream: number, bytes: number): void {
    const open = this.streams.get(stream);
    if (open !== undefined) this.streams.took(open, bytes);
  }

  /** What this side says first. */
  protected greet(settings: readonly (readonly [id: number, value: number])[]): void {
    const { streamWindowBytes, fieldsBytesMax, connectionWindowBytes } = this.limits;
    const window = [Setting.INITIAL_WINDOW_SIZE, streamWindowBytes] as const;
    this.sender.settings([...settings, window, [Setting.MAX_HEADER_LIST_SIZE, fieldsBytesMax]]);
    if (connectionWindowBytes > WINDOW_INITIAL) this.sender.windowUpdate(0, connectionWindowBytes - WINDOW_INITIAL);
  }

  /** The peer's message has ended. */
  protected endRemote(stream: Stream, trailers: Fields): Fault | undefined {
    if (!stream.isWhole) return malformed(stream.id, "the content is shorter than content-length says");
    stream.isRemoteEnded = true;
    if (!stream.isUnwanted) this.events.push({ kind: "end", stream: stream.id, trailers });
    if (stream.isLocalEnded) this.streams.ended(stream);
    return undefined;
  }

  /** Fields behind the content, which they end. */
  protected endByTrailers(stream: Stream, headers: Headers): Fault | "again" {
    const trailers = judgeTrailers(headers);
    return trailers.kind === "fault" ? trailers : this.endRemote(stream, trailers.fields) ?? "again";
  }

  #step(): Step<Head> | undefined {
    if (this.#isOver) return undefined;
    const frame = this.#frames.next();
    if (frame === undefined) return this.#finished === "no" ? undefined : this.#endOfInput();
    if (!("kind" in frame)) return this.#frame(frame);
    return frame.kind === "fault" ? frame : this.#headers(frame);
  }

  #headers(headers: Headers): Step<Head> {
    const stream = this.streams.get(headers.stream);
    if (stream === undefined) return this.opening(headers);
    if (stream.isRemoteEnded) return connectionFault(ErrorCode.STREAM_CLOSED, "a head behind the end of its stream");
    return headers.fault ?? this.head(headers, stream);
  }

  #frame(frame: Frame): Step<Head> {
    if (frame.type === FrameType.DATA) return this.#data(frame);
    if (frame.type === FrameType.RST_STREAM) return this.#reset(frame);
    const fault = this.#chat();
    if (fault !== undefined) return fault;
    switch (frame.type) {
      case FrameType.SETTINGS:
        return this.#settings(frame);
      case FrameType.PING:
        if ((frame.flags & Flag.ACK) !== 0) this.pong(frame.payload);
        else this.sender.ping(frame.payload, Flag.ACK);
        return "again";
      case FrameType.GOAWAY:
        this.goaway(readUint31(frame.payload, 0));
        return { kind: "goaway", code: readUint32(frame.payload, 4) };
      case FrameType.WINDOW_UPDATE:
        return this.#windowUpdate(frame);
    }
    return "again";
  }

  #data(frame: Frame): Step<Head> {
    const { stream: id, payload, flags } = frame;
    const open = this.streams.get(id);
    const stream = open?.isRemoteEnded === false ? open : undefined;
    const content = withoutPadding(frame);
    const fault = "kind" in content ? content : this.streams.receive(stream, payload.length);
    if (fault !== undefined || "kind" in content) return fault ?? "again";
    if (stream === undefined) return this.#stray(id);
    const { length } = content;
    if (!stream.hasHead) return malformed(id, "content before the head");
    if (!stream.count(length)) return malformed(id, "the content is longer than content-length says");
    const isLast = (flags & Flag.END_STREAM) !== 0;
    const unwanted = stream.isUnwanted ? payload.length : payload.length - length;
    if (unwanted > 0) this.streams.took(stream, unwanted);
    const problem = isLast ? this.endRemote(stream, NO_FIELDS) : length === 0 ? this.#chat() : undefined;
    if (problem !== undefined) return problem;
    return length === 0 || stream.isUnwanted ? "again" : { kind: "data", stream: id, bytes: content };
  }

  /** Content on a stream that takes none. */
  #stray(id: number): Fault | "again" {
    if (this.isIdle(id)) return idle("content");
    if (this.streams.closed.wasResetHere(id)) return "again";
    return streamFault(id, { code: ErrorCode.STREAM_CLOSED, detail: "content behind the end of its stream" });
  }

  #reset({ stream: id, payload }: Frame): Step<Head> {
    if (this.isIdle(id)) return idle("a reset");
    const fault = this.#floods.reset(this.#nowMs);
    const stream = this.streams.get(id);
    if (fault !== undefined || stream === undefined) return fault ?? "again";
    this.streams.ended(stream);
    return resetEvent(id, { by: "peer", code: readUint32(payload, 0), detail: "the peer reset the stream" });
  }

  #windowUpdate({ stream: id, payload }: Frame): Fault | "again" {
    const bytes = readUint31(payload, 0);
    if (id === 0) return this.sender.openWindow(bytes) ?? "again";
    if (this.isIdle(id)) return idle("a window");
    const stream = this.streams.get(id);
    return (stream && this.sender.openStreamWindow(stream, bytes)) ?? "again";
  }

  #settings({ flags, payload }: Frame): Fault | "again" {
    if ((flags & Flag.ACK) !== 0) return "again";
    const settings = parseSettings(payload);
    if ("kind" in settings) return settings;
    const { initialWindowBytes } = settings;
    const fault = initialWindowBytes === undefined
      ? undefined
      : this.sender.resizeWindows(initialWindowBytes, this.streams.all());
    if (fault === undefined) this.sender.settingsAck();
    return fault ?? this.settings(settings) ?? "again";
  }

  #chat(): Fault | undefined {
    return this.#floods.chat(this.#nowMs, this.sender.dataFrames);
  }

  /** Resets the stream that is at fault, or ends the connection. */
  #fail(fault: Fault): Event<Head> | "again" {
    const { stream, code, detail } = fault;
    if (stream === undefined || this.isIdle(stream)) return this.#over(fault);
    const flood = this.#floods.reset(this.#nowMs);
    if (flood !== undefined) return this.#over(flood);
    const isKnownClosed = this.streams.closed.has(stream);
    this.streams.reset(stream, code);
    return isKnownClosed ? "again" : resetEvent(stream, { by: "here", code, detail });
  }

  #over({ code, detail }: Fault): Event<Head> {
    this.#isOver = true;
    this.#frames.clear();
    this.events.length = 0;
    for (const stream of this.streams.all()) this.streams.ended(stream);
    this.sender.goaway(this.lastStream, code);
    return { kind: "error", code, detail };
  }

  #endOfInput(): Step<Head> | undefined {
    if (this.#finished === "told") return undefined;
    this.#finished = "told";
    for (const stream of this.streams.all()) {
      this.streams.ended(stream);
      const detail = "the connection ended before the stream";
      this.events.push(resetEvent(stream.id, { by: "peer", code: ErrorCode.CANCEL, detail }));
    }
    this.events.push({ kind: "closed" });
    return "again";
  }
}

function resetEvent(stream: number, { by, code, detail }: Pick<ResetEvent, "by" | "code" | "detail">): ResetEvent {
  const isUnprocessed = by === "peer" && code === ErrorCode.REFUSED_STREAM;
  return { kind: "reset", stream, by, code, detail, isUnprocessed };
}

function idle(what: string): Fault {
  return connectionFault(ErrorCode.PROTOCOL_ERROR, `${what} on a stream that isn't open yet`);
}
