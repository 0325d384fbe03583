/**
 * A head on its way in: HEADERS and the CONTINUATION frames after it, between which nothing else may come. An endless
 * row of them is cut off by its length and its count, before anything of it is decoded.
 * @module
 */

import { connectionFault, ErrorCode, type Fault, streamFault, tooMuch } from "./error_code.ts";
import { Flag, type Frame, PRIORITY_BYTES, readUint31, withoutPadding } from "./frames.ts";
import type { Limits } from "./limits.ts";

export class HeaderBlock {
  readonly stream: number;
  readonly isLast: boolean;
  /** What is wrong with the stream; said when the block has been decoded, as the decoder needs every block. */
  readonly fault: Fault | undefined;
  readonly #limits: Limits;
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor({ stream, flags }: Frame, { fault, limits }: { fault: Fault | undefined; limits: Limits }) {
    this.stream = stream;
    this.isLast = (flags & Flag.END_STREAM) !== 0;
    this.fault = fault;
    this.#limits = limits;
  }

  /** Adds a fragment. It is copied when more are to follow. */
  add(fragment: Uint8Array, flags: number): "complete" | "more" | Fault {
    const isComplete = (flags & Flag.END_HEADERS) !== 0;
    const { blockBytesMax, continuationsMax } = this.#limits;
    this.#bytes += fragment.length;
    if (this.#bytes > blockBytesMax) return tooMuch(`a header block of more than ${blockBytesMax} bytes`);
    if (this.#parts.length > continuationsMax) return tooMuch(`more than ${continuationsMax} CONTINUATION frames`);
    this.#parts.push(isComplete ? fragment : fragment.slice());
    return isComplete ? "complete" : "more";
  }

  /** All of it. */
  joined(): Uint8Array {
    const [first] = this.#parts;
    if (first !== undefined && this.#parts.length === 1) return first;
    const joined = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }
}

/** The fragment in a HEADERS frame, without padding and priority. */
export function fragmentOf(frame: Frame): { fragment: Uint8Array; fault?: Fault } | Fault {
  const payload = withoutPadding(frame);
  if ("kind" in payload) return payload;
  if ((frame.flags & Flag.PRIORITY) === 0) return { fragment: payload };
  if (payload.length < PRIORITY_BYTES) {
    return connectionFault(ErrorCode.FRAME_SIZE_ERROR, "HEADERS is too short for its priority");
  }
  return { fragment: payload.subarray(PRIORITY_BYTES), fault: dependencyFault(frame.stream, payload) };
}

/** Priorities are ignored, but for one that can't be meant. */
export function dependencyFault(stream: number, priority: Uint8Array): Fault | undefined {
  if (readUint31(priority, 0) !== stream) return undefined;
  return streamFault(stream, { code: ErrorCode.PROTOCOL_ERROR, detail: "a stream depends on itself" });
}
