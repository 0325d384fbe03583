/**
 * The way out: heads are written at once, content as far as the windows of its stream and of the connection let it, and
 * as far as one write should be large. What is left waits, in copies, and goes out later frame by frame in turn, so that
 * one large answer holds up nobody else's.
 * @module
 */

import { type Fields, NO_FIELDS } from "../http1/fields.ts";
import { connectionFault, ErrorCode, type Fault, streamFault } from "./error_code.ts";
import { isOfConnection } from "./field_section.ts";
import { Flag, FRAME_BYTES_MAX, FrameType, HEADER_BYTES, WINDOW_INITIAL, WINDOW_MAX } from "./frames.ts";
import { EMPTY_TABLE, encodeField } from "./hpack/encoder.ts";
import { OutputBuffer } from "./output_buffer.ts";
import type { Stream } from "./stream.ts";

/** What becomes of a stream by what has been written. */
export interface SenderOptions {
  outputBytesMax: number;
  /** Its message has ended. */
  onEnd: (stream: Stream) => void;
  /** Its queue is empty, and somebody waits for that. */
  onDrain: (stream: Stream) => void;
}

export class Sender {
  readonly output = new OutputBuffer();
  readonly #options: SenderOptions;
  /** Streams with content that their own windows let out, in the order of their turns. */
  readonly #line: Stream[] = [];
  #window = WINDOW_INITIAL;
  #streamWindow = WINDOW_INITIAL;
  #isFirstBlock = true;
  /** DATA frames written so far: each may be answered by others. */
  dataFrames = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** The window that a stream begins with. */
  get streamWindow(): number {
    return this.#streamWindow;
  }

  get isFull(): boolean {
    return this.output.length >= this.#options.outputBytesMax;
  }

  /** A head or trailers. Names are made lower case; fields of one connection are left out. */
  head(stream: Stream, fields: Fields, pseudo: Fields = NO_FIELDS): void {
    const { output } = this;
    const start = output.length;
    output.frame(FrameType.HEADERS, { length: 0, stream: stream.id });
    try {
      if (this.#isFirstBlock) output.octet(EMPTY_TABLE);
      for (const [name, value] of pseudo) encodeField(output, name, value);
      for (const [name, value] of fields) {
        const lower = name.toLowerCase();
        if (!isOfConnection(lower)) encodeField(output, lower, value);
      }
    } catch (cause) {
      output.cut(start);
      throw cause;
    }
    this.#isFirstBlock = false;
    if (output.length - start - HEADER_BYTES > FRAME_BYTES_MAX) this.#divide(stream, start);
    else output.closeFrame(start, Flag.END_HEADERS);
    output.markMessageFrame(stream.id, output.length - start);
  }

  /** Content. It is copied where it can't go out yet; "wait" asks to give no more before all of it has. */
  data(stream: Stream, bytes: Uint8Array): "go on" | "wait" {
    const isFree = stream.queuedBytes === 0 && this.#line.length === 0;
    const sent = isFree ? this.#write(stream, bytes) : 0;
    if (sent === bytes.length) return "go on";
    stream.queue.push(bytes.slice(sent));
    stream.queuedBytes += bytes.length - sent;
    stream.isWaitedFor = true;
    this.#lineUp(stream);
    return "wait";
  }

  /** The message ends, behind what waits of it. */
  end(stream: Stream, trailers: Fields): void {
    stream.trailers = trailers;
    if (stream.queuedBytes === 0) this.#end(stream, trailers);
  }

  /** Writes what waits, a frame of each stream in turn, and gives all that is to be sent. */
  take(): Uint8Array {
    while (this.#line.length > 0 && this.#window > 0 && !this.isFull) this.#turn(this.#line.shift()!);
    return this.output.take();
  }

  reset(stream: number, code: number): void {
    this.output.frame(FrameType.RST_STREAM, { length: 4, stream });
    this.output.uint32(code);
  }

  /** Opens a window of the peer: of a stream, or with 0 of the connection. */
  windowUpdate(stream: number, bytes: number): void {
    this.output.frame(FrameType.WINDOW_UPDATE, { length: 4, stream });
    this.output.uint32(bytes);
  }

  ping(payload: Uint8Array, flags: number): void {
    this.output.frame(FrameType.PING, { length: payload.length, flags });
    this.output.bytes(payload);
  }

  settings(entries: readonly (readonly [id: number, value: number])[]): void {
    this.output.frame(FrameType.SETTINGS, { length: entries.length * 6 });
    for (const [id, value] of entries) {
      this.output.uint16(id);
      this.output.uint32(value);
    }
  }

  settingsAck(): void {
    this.output.frame(FrameType.SETTINGS, { length: 0, flags: Flag.ACK });
  }

  goaway(lastStream: number, code: number): void {
    this.output.frame(FrameType.GOAWAY, { length: 8 });
    this.output.uint32(lastStream);
    this.output.uint32(code);
  }

  /** The peer opened the connection's window. */
  openWindow(bytes: number): Fault | undefined {
    this.#window += bytes;
    if (this.#window <= WINDOW_MAX) return undefined;
    return connectionFault(ErrorCode.FLOW_CONTROL_ERROR, "the connection's window is opened too far");
  }

  /** The peer opened a stream's window. */
  openStreamWindow(stream: Stream, bytes: number): Fault | undefined {
    stream.sendWindow += bytes;
    if (stream.sendWindow > WINDOW_MAX) {
      const detail = "a stream's window is opened too far";
      return streamFault(stream.id, { code: ErrorCode.FLOW_CONTROL_ERROR, detail });
    }
    if (stream.queuedBytes > 0) this.#lineUp(stream);
    return undefined;
  }

  /** The peer changed what a stream's window begins with, which moves those that are open too. */
  resizeWindows(bytes: number, streams: Iterable<Stream>): Fault | undefined {
    const change = bytes - this.#streamWindow;
    this.#streamWindow = bytes;
    for (const stream of streams) {
      const fault = this.openStreamWindow(stream, change);
      if (fault) return connectionFault(fault.code, fault.detail);
    }
    return undefined;
  }

  /** Drops what waits of a stream that is gone. */
  forget(stream: Stream): void {
    stream.queue.length = 0;
    stream.queuedBytes = 0;
    stream.isLocalEnded = true;
    if (stream.isInLine) this.#line.splice(this.#line.indexOf(stream), 1);
  }

  /** One frame of a stream whose turn it is. */
  #turn(stream: Stream): void {
    stream.isInLine = false;
    const [next] = stream.queue;
    if (next === undefined) return;
    const sent = this.#write(stream, next.length > FRAME_BYTES_MAX ? next.subarray(0, FRAME_BYTES_MAX) : next);
    if (sent === next.length) stream.queue.shift();
    else stream.queue[0] = next.subarray(sent);
    stream.queuedBytes -= sent;
    if (stream.queuedBytes > 0) {
      this.#lineUp(stream);
    } else if (stream.trailers !== undefined) {
      this.#end(stream, stream.trailers);
    } else if (stream.isWaitedFor) {
      stream.isWaitedFor = false;
      this.#options.onDrain(stream);
    }
  }

  #lineUp(stream: Stream): void {
    if (stream.isInLine || stream.sendWindow <= 0) return;
    stream.isInLine = true;
    this.#line.push(stream);
  }

  /** Writes as much as may go out now; says how much that was. */
  #write(stream: Stream, bytes: Uint8Array): number {
    let sent = 0;
    while (sent < bytes.length && !this.isFull) {
      const length = Math.min(bytes.length - sent, stream.sendWindow, this.#window, FRAME_BYTES_MAX);
      if (length <= 0) break;
      this.output.frame(FrameType.DATA, { length, stream: stream.id });
      this.output.bytes(bytes.subarray(sent, sent + length));
      this.output.markMessageFrame(stream.id, length + HEADER_BYTES);
      stream.sendWindow -= length;
      this.#window -= length;
      this.dataFrames++;
      sent += length;
    }
    return sent;
  }

  #end(stream: Stream, trailers: Fields): void {
    if (trailers.length > 0) this.head(stream, trailers);
    if (!this.output.endLastFrame(stream.id)) {
      this.output.frame(FrameType.DATA, { length: 0, flags: Flag.END_STREAM, stream: stream.id });
    }
    stream.isLocalEnded = true;
    this.#options.onEnd(stream);
  }

  /** A head that is larger than a frame goes on in CONTINUATION frames. */
  #divide(stream: Stream, start: number): void {
    const block = this.output.cut(start).subarray(HEADER_BYTES);
    for (let at = 0; at < block.length; at += FRAME_BYTES_MAX) {
      const part = block.subarray(at, at + FRAME_BYTES_MAX);
      const flags = at + part.length === block.length ? Flag.END_HEADERS : 0;
      const type = at === 0 ? FrameType.HEADERS : FrameType.CONTINUATION;
      this.output.frame(type, { length: part.length, flags, stream: stream.id });
      this.output.bytes(part);
    }
  }
}
