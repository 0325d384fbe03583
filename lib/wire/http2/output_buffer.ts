/**
 * What goes out next, in one piece: frames are written one behind the other into a buffer that grows, and the driver
 * takes all of it at once. The last frame's flags can still be changed, so that a message's last frame can say that it
 * is the last also when that is known only afterwards.
 * @module
 */

import { Flag, HEADER_BYTES } from "./frames.ts";

const EMPTY: Uint8Array = new Uint8Array(0);
const FIRST_BYTES = 512;
/** The offset of a frame's flags in its header. */
const FLAGS_AT = 4;

export class OutputBuffer {
  /** An idle connection has none. */
  #bytes: Uint8Array = EMPTY;
  #length = 0;
  /** How much was taken last: the next is likely to be as much. */
  #lastLength = FIRST_BYTES;
  /** The last message frame: its stream, and where it begins. */
  #lastStream = 0;
  #lastAt = 0;

  get length(): number {
    return this.#length;
  }

  /** Takes all that is there. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    if (taken.length === 0) return EMPTY;
    this.#lastLength = Math.max(FIRST_BYTES, taken.length);
    this.#bytes = EMPTY;
    this.#length = 0;
    this.#lastStream = 0;
    return taken;
  }

  /** Begins a frame of a known length; its payload is to follow. */
  frame(type: number, { length, flags = 0, stream = 0 }: { length: number; flags?: number; stream?: number }): void {
    this.#reserve(HEADER_BYTES + length);
    const [bytes, at] = [this.#bytes, this.#length];
    bytes[at] = length >> 16;
    bytes[at + 1] = length >> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = type;
    bytes[at + FLAGS_AT] = flags;
    writeUint32(bytes, at + 5, stream);
    this.#length = at + HEADER_BYTES;
    this.#lastStream = 0;
  }

  /** Says that the frame which began `bytes` before the end is its stream's last so far. */
  markMessageFrame(stream: number, bytes: number): void {
    this.#lastStream = stream;
    this.#lastAt = this.#length - bytes;
  }

  /** Lets the frame that was written last end its stream. False when another was, or it has gone out. */
  endLastFrame(stream: number): boolean {
    if (this.#lastStream !== stream) return false;
    this.#bytes[this.#lastAt + FLAGS_AT]! |= Flag.END_STREAM;
    this.#lastStream = 0;
    return true;
  }

  octet(value: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  uint16(value: number): void {
    this.octet(value >> 8);
    this.octet(value);
  }

  uint32(value: number): void {
    this.#reserve(4);
    writeUint32(this.#bytes, this.#length, value);
    this.#length += 4;
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A text of characters up to U+00FF. */
  latin1(text: string): void {
    this.#reserve(text.length);
    const [bytes, from] = [this.#bytes, this.#length];
    for (let at = 0; at < text.length; at++) bytes[from + at] = text.charCodeAt(at);
    this.#length = from + text.length;
  }

  /** Cuts off what was written from there on, and gives it. */
  cut(from: number): Uint8Array {
    const cut = this.#bytes.slice(from, this.#length);
    this.#length = from;
    return cut;
  }

  /** Corrects the length and flags of the frame that begins there and goes on to the end. */
  closeFrame(from: number, flags: number): void {
    const length = this.#length - from - HEADER_BYTES;
    this.#bytes[from] = length >> 16;
    this.#bytes[from + 1] = length >> 8;
    this.#bytes[from + 2] = length;
    this.#bytes[from + FLAGS_AT] = flags;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#lastLength, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
