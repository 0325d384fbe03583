/**
 * One stream: how far either side's message has come, and what waits to be sent. It is there from its first frame until
 * both messages have ended or one side has reset it.
 * @module
 */

import type { Fields } from "../http1/fields.ts";
import type { Framing } from "./event.ts";
import { ReceiveWindow } from "./receive_window.ts";

export class Stream {
  readonly id: number;
  /** The request's. */
  method = "";

  /** What the peer may send. */
  readonly received: ReceiveWindow;
  /** The peer's message has begun with its final head. */
  hasHead = false;
  isRemoteEnded = false;
  /** Nobody wants the content that still comes. */
  isUnwanted = false;
  interims = 0;
  #contentBytes = 0;
  #expectedBytes: number | undefined;

  /** What may be sent; negative after the peer made its windows smaller. */
  sendWindow: number;
  isLocalEnded = false;
  /** Copies of what could not go out yet. */
  readonly queue: Uint8Array[] = [];
  queuedBytes = 0;
  /** The message ends behind the queue. */
  trailers: Fields | undefined;
  isInLine = false;
  /** The driver was told to wait. */
  isWaitedFor = false;

  constructor(id: number, { sendWindow, receiveWindow }: { sendWindow: number; receiveWindow: number }) {
    this.id = id;
    this.sendWindow = sendWindow;
    this.received = new ReceiveWindow(receiveWindow);
  }

  /** The peer's final head has come. */
  begin(framing: Framing): void {
    this.hasHead = true;
    if (framing.kind === "length") this.#expectedBytes = framing.bytes;
    if (framing.kind === "none") this.#expectedBytes = 0;
  }

  /** Counts content. False when it is more than the head said. */
  count(bytes: number): boolean {
    this.#contentBytes += bytes;
    return this.#contentBytes <= (this.#expectedBytes ?? Infinity);
  }

  /** Whether as much came as the head said. */
  get isWhole(): boolean {
    return this.#contentBytes === (this.#expectedBytes ?? this.#contentBytes);
  }
}
