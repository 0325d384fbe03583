/**
 * Cuts what is pushed into frames. A frame is given when it is there as a whole: it is at most 16 KiB, and of what was
 * not pushed in one piece one frame is all that is held.
 * @module
 */

import { connectionFault, ErrorCode, type Fault } from "./error_code.ts";
import { type Frame, FRAME_BYTES_MAX, HEADER_BYTES, readUint31 } from "./frames.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

export class FrameReader {
  #bytes: Uint8Array = EMPTY;
  #at = 0;
  /** What follows behind `#bytes`, where those were put together from two pieces. */
  #then: Uint8Array = EMPTY;

  /** Bytes that were pushed and not yet read. */
  get buffered(): number {
    return this.#bytes.length - this.#at + this.#then.length;
  }

  /** Gives bytes. They must stay unchanged until `detach()` is called. */
  push(bytes: Uint8Array): void {
    if (this.buffered === 0) {
      this.#bytes = bytes;
      this.#at = 0;
      return;
    }
    // Only the frame that has begun is put together: copying all of each read would cost more than all else.
    const missing = this.#missing(bytes.length);
    this.#bytes = join(this.#rest(), bytes.subarray(0, missing));
    this.#at = 0;
    this.#then = bytes.subarray(missing);
  }

  /** The next frame, or undefined when more bytes are needed. Its payload is a view. */
  next(): Frame | Fault | undefined {
    if (this.#at === this.#bytes.length && this.#then.length > 0) {
      this.#bytes = this.#then;
      this.#at = 0;
      this.#then = EMPTY;
    }
    const [bytes, at] = [this.#bytes, this.#at];
    if (bytes.length - at < HEADER_BYTES) return undefined;
    const length = readLength(bytes, at);
    if (length > FRAME_BYTES_MAX) {
      return connectionFault(ErrorCode.FRAME_SIZE_ERROR, `a frame of ${length} bytes: ${FRAME_BYTES_MAX} at most`);
    }
    const from = at + HEADER_BYTES;
    if (bytes.length < from + length) return undefined;
    this.#at = from + length;
    return {
      type: bytes[at + 3]!,
      flags: bytes[at + 4]!,
      stream: readUint31(bytes, at + 5),
      payload: bytes.subarray(from, from + length),
    };
  }

  /** Passes over bytes that are no frame. */
  skip(count: number): void {
    this.#at += count;
  }

  /** The bytes that are there, unread. */
  peek(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  /** Copies what is left over, so that the buffer it came in may be used again. */
  detach(): void {
    this.#bytes = this.buffered === 0 ? EMPTY : this.#rest().slice();
    this.#at = 0;
    this.#then = EMPTY;
  }

  /** Drops what is left over: nothing of it will be read. */
  clear(): void {
    this.#bytes = EMPTY;
    this.#at = 0;
    this.#then = EMPTY;
  }

  #rest(): Uint8Array {
    const rest = this.#bytes.subarray(this.#at);
    return this.#then.length === 0 ? rest : join(rest, this.#then);
  }

  /** How much of the bytes that come is needed for the frame that has begun; all of them where that can't be said. */
  #missing(available: number): number {
    const there = this.#bytes.length - this.#at;
    if (there < HEADER_BYTES || this.#then.length > 0) return available;
    const length = readLength(this.#bytes, this.#at);
    const missing = HEADER_BYTES + length - there;
    return length > FRAME_BYTES_MAX || missing <= 0 ? available : Math.min(missing, available);
  }
}

function readLength(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 16 | bytes[at + 1]! << 8 | bytes[at + 2]!;
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array {
  const joined = new Uint8Array(one.length + other.length);
  joined.set(one);
  joined.set(other, one.length);
  return joined;
}
