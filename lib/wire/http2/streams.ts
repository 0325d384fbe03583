/**
 * The streams of one connection that are open, with what they share: the window for what is received, and the way out.
 * A stream is here from its opening until both messages have ended or one side has reset it.
 * @module
 */

import type { Fields } from "../http1/fields.ts";
import { ClosedStreams } from "./closed_streams.ts";
import { connectionFault, ErrorCode, type Fault, streamFault } from "./error_code.ts";
import type { Limits } from "./limits.ts";
import { ReceiveWindow } from "./receive_window.ts";
import { Sender, type SenderOptions } from "./sender.ts";
import { Stream } from "./stream.ts";

export class Streams {
  readonly closed = new ClosedStreams();
  readonly sender: Sender;
  readonly #streamWindowBytes: number;
  readonly #received: ReceiveWindow;
  readonly #open = new Map<number, Stream>();

  constructor(limits: Limits, hooks: Pick<SenderOptions, "onEnd" | "onDrain">) {
    this.#streamWindowBytes = limits.streamWindowBytes;
    this.#received = new ReceiveWindow(limits.connectionWindowBytes);
    this.sender = new Sender({ outputBytesMax: limits.outputBytesMax, ...hooks });
  }

  get size(): number {
    return this.#open.size;
  }

  get(id: number): Stream | undefined {
    return this.#open.get(id);
  }

  all(): Iterable<Stream> {
    return this.#open.values();
  }

  open(id: number): Stream {
    const windows = { sendWindow: this.sender.streamWindow, receiveWindow: this.#streamWindowBytes };
    const stream = new Stream(id, windows);
    this.#open.set(id, stream);
    return stream;
  }

  /** A stream on which this side's message can go on. */
  writable(id: number): Stream | undefined {
    const stream = this.#open.get(id);
    return stream === undefined || stream.isLocalEnded || stream.trailers !== undefined ? undefined : stream;
  }

  data(id: number, bytes: Uint8Array): "go on" | "wait" {
    const stream = this.writable(id);
    return stream === undefined ? "go on" : this.sender.data(stream, bytes);
  }

  end(id: number, trailers: Fields): void {
    const stream = this.writable(id);
    if (stream !== undefined) this.sender.end(stream, trailers);
  }

  /** Content came, padding included, whether or not its stream still wants it. */
  receive(stream: Stream | undefined, bytes: number): Fault | undefined {
    if (!this.#received.receive(bytes)) {
      return connectionFault(ErrorCode.FLOW_CONTROL_ERROR, "more content than the connection's window lets in");
    }
    if (stream === undefined) this.#giveBack(bytes);
    if (stream === undefined || stream.received.receive(bytes)) return undefined;
    const detail = "more content than the stream's window lets in";
    return streamFault(stream.id, { code: ErrorCode.FLOW_CONTROL_ERROR, detail });
  }

  /** Content was taken, or nobody wants it. */
  took(stream: Stream, bytes: number): void {
    const taken = Math.min(bytes, stream.received.held);
    const due = stream.received.take(taken);
    if (due > 0 && !stream.isRemoteEnded) this.sender.windowUpdate(stream.id, due);
    this.#giveBack(taken);
  }

  reset(id: number, code: number): void {
    const stream = this.#open.get(id);
    this.sender.reset(id, code);
    if (stream !== undefined) this.#forget(stream);
    this.closed.resetHere(id);
  }

  /** Both messages have ended, or the peer has reset the stream. */
  ended(stream: Stream): void {
    this.#forget(stream);
    this.closed.ended(stream.id);
  }

  /** What the consumer hasn't taken of it counts for the connection no longer. */
  #forget(stream: Stream): void {
    this.#open.delete(stream.id);
    this.sender.forget(stream);
    this.#giveBack(stream.received.held);
  }

  #giveBack(bytes: number): void {
    const due = this.#received.take(bytes);
    if (due > 0) this.sender.windowUpdate(0, due);
  }
}
