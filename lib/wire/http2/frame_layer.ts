/**
 * From bytes to frames that keep to the rules, and from header blocks to lists of fields: what can be judged without
 * knowing any stream. Each header block is decoded in its turn, as the decoder's table depends on all of them.
 * @module
 */

import { connectionFault, ErrorCode, type Fault } from "./error_code.ts";
import { FrameReader } from "./frame_reader.ts";
import { judgeFrame } from "./frame_rules.ts";
import { Flag, type Frame, FrameType } from "./frames.ts";
import { fragmentOf, HeaderBlock } from "./header_block.ts";
import { Decoder, type HeaderList } from "./hpack/decoder.ts";
import type { Limits } from "./limits.ts";
import { beginsHttp2, PREFACE } from "./preface.ts";

/** A head or trailers: HEADERS with all its CONTINUATION frames. */
export interface Headers {
  readonly kind: "headers";
  readonly stream: number;
  readonly isLast: boolean;
  readonly list: HeaderList;
  /** What is wrong with the frame, though its fields could be read. */
  readonly fault: Fault | undefined;
}

/** What the peer's bytes begin with: a client's with the preface, then either's with SETTINGS. */
export type Beginning = "preface" | "settings";

export class FrameLayer {
  readonly #limits: Limits;
  readonly #reader = new FrameReader();
  readonly #decoder: Decoder;
  #state: Beginning | "frames";
  #block: HeaderBlock | undefined;

  constructor(limits: Limits, beginning: Beginning) {
    this.#limits = limits;
    this.#decoder = new Decoder(limits);
    this.#state = beginning;
  }

  /** Bytes that were pushed and not yet read. */
  get buffered(): number {
    return this.#reader.buffered;
  }

  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  detach(): void {
    this.#reader.detach();
  }

  clear(): void {
    this.#reader.clear();
  }

  /** The next frame; undefined when more bytes are needed. Payloads are views. */
  next(): Frame | Headers | Fault | undefined {
    for (;;) {
      const frame = this.#state === "preface" ? this.#preface() : this.#reader.next();
      if (frame === undefined || "kind" in frame) return frame;
      const fault = this.#judgeTurn(frame) ?? judgeFrame(frame);
      if (fault !== undefined) return fault;
      if (frame.type !== FrameType.HEADERS && frame.type !== FrameType.CONTINUATION) return frame;
      const headers = frame.type === FrameType.HEADERS ? this.#begin(frame) : this.#add(frame.payload, frame.flags);
      if (headers !== undefined) return headers;
    }
  }

  #preface(): Frame | Fault | undefined {
    const begins = beginsHttp2(this.#reader.peek());
    if (begins === "no") return protocol("the connection doesn't begin as HTTP/2 does");
    if (begins === "more") return undefined;
    this.#reader.skip(PREFACE.length);
    this.#state = "settings";
    return this.#reader.next();
  }

  /** SETTINGS come first, and nothing comes between the parts of a header block. */
  #judgeTurn({ type, stream, flags }: Frame): Fault | undefined {
    if (this.#state === "settings") {
      if (type !== FrameType.SETTINGS || (flags & Flag.ACK) !== 0) return protocol("the first frame isn't SETTINGS");
      this.#state = "frames";
    }
    if (this.#block === undefined) {
      return type === FrameType.CONTINUATION ? protocol("CONTINUATION without HEADERS") : undefined;
    }
    if (type === FrameType.CONTINUATION && stream === this.#block.stream) return undefined;
    return protocol("another frame within a header block");
  }

  #begin(frame: Frame): Headers | Fault | undefined {
    const content = fragmentOf(frame);
    if ("kind" in content) return content;
    this.#block = new HeaderBlock(frame, { fault: content.fault, limits: this.#limits });
    return this.#add(content.fragment, frame.flags);
  }

  #add(fragment: Uint8Array, flags: number): Headers | Fault | undefined {
    const block = this.#block!;
    const added = block.add(fragment, flags);
    if (added === "more") return undefined;
    if (added !== "complete") return added;
    this.#block = undefined;
    const list = this.#decoder.decode(block.joined());
    if (list.kind === "undecodable") return connectionFault(ErrorCode.COMPRESSION_ERROR, list.detail);
    return { kind: "headers", stream: block.stream, isLast: block.isLast, list, fault: block.fault };
  }
}

function protocol(detail: string): Fault {
  return connectionFault(ErrorCode.PROTOCOL_ERROR, detail);
}
