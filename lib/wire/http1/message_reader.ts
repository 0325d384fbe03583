/**
 * The HTTP/1.1 machine: bytes are pushed in, events are asked for. It has no socket and no clock; whoever drives it
 * reads, keeps deadlines and decides when to ask for more, which is also its back-pressure. Requests and responses
 * differ in their heads only: see `request.ts` and `response.ts`.
 *
 * Content is passed on as views into what was pushed. After `next()` has returned undefined nothing pushed is
 * referred to any more, so one read buffer serves a connection for its life.
 * @module
 */

import { chunkBytes } from "./chunk_line.ts";
import type { ErrorEvent, Event, Framing, InterimHead, RequestHead, ResponseHead } from "./event.ts";
import { refuse } from "./event.ts";
import { FieldScan } from "./field_scan.ts";
import { type Fields, NO_FIELDS } from "./fields.ts";
import type { Limits } from "./limits.ts";
import { CR, decodeLatin1, LF } from "./octets.ts";
import { safeTrailers } from "./trailers.ts";

type AnyHead = RequestHead | ResponseHead | InterimHead;
type State = "head" | "length" | "close" | "chunk-line" | "chunk-data" | "chunk-end" | "trailers" | "tunnel" | "over";

const EMPTY: Uint8Array = new Uint8Array(0);
const END = { kind: "end", trailers: NO_FIELDS } as const;

/** One direction of one connection. Subclasses judge heads; all else is the same for both sides. */
export abstract class MessageReader<Head extends AnyHead> {
  protected readonly limits: Limits;
  #scan: FieldScan;
  #state: State = "head";
  #inMessage = false;
  #emptyLines = 0;
  #bytes: Uint8Array = EMPTY;
  #at = 0;
  #left = 0;
  #endNext = false;
  #finished: "no" | "closed" | "cut" = "no";

  constructor(limits: Limits) {
    this.limits = limits;
    this.#scan = new FieldScan(limits);
    this.#scan.reset("head");
  }

  /** Judges a start line as soon as it is complete; what it finds is kept by the subclass until `head()`. */
  protected abstract startLine(line: string): ErrorEvent | undefined;
  /** Judges the head as a whole. */
  protected abstract head(fields: Fields): Head | ErrorEvent;
  /** Refuses bytes where no message may begin. */
  protected abstract begin(): ErrorEvent | undefined;
  /** The statuses of one side: a client's faults keep theirs, a replica's are all 502. */
  protected abstract fault(error: ErrorEvent): ErrorEvent;

  /** Bytes that were pushed and not yet read. */
  get buffered(): number {
    return this.#bytes.length - this.#at;
  }

  /** True between messages: nothing of the next one has been read. */
  get idle(): boolean {
    return this.#state === "head" && !this.#inMessage && !this.#endNext && this.buffered === 0;
  }

  /** Gives the machine bytes. They must stay unchanged until `next()` returns undefined or `detach()` is called. */
  push(bytes: Uint8Array): void {
    if (this.buffered === 0) {
      this.#bytes = bytes;
    } else {
      const joined = new Uint8Array(this.buffered + bytes.length);
      joined.set(this.#bytes.subarray(this.#at));
      joined.set(bytes, this.buffered);
      this.#bytes = joined;
    }
    this.#at = 0;
  }

  /** Says that no more bytes follow: `closed` by the peer in good order, or `cut` by a fault of the connection. */
  finish(how: "closed" | "cut"): void {
    this.#finished = how;
  }

  /** The next event, or undefined when more bytes are needed. */
  next(): Event<Head> | undefined {
    const event = this.#step();
    if (event === undefined) {
      this.detach();
    } else if (event.kind === "error") {
      this.#state = "over";
      return this.fault(event);
    }
    return event;
  }

  /** Copies what is left over, so that the buffer it came in may be used again. */
  detach(): void {
    this.#bytes = this.buffered === 0 ? EMPTY : this.#bytes.slice(this.#at);
    this.#at = 0;
  }

  /** Takes out what was pushed and not read: the first bytes of a tunnel. The machine has ended then. */
  rest(): Uint8Array {
    const rest = this.#bytes.slice(this.#at);
    this.#bytes = EMPTY;
    this.#at = 0;
    this.#state = "over";
    return rest;
  }

  #step(): Event<Head> | undefined {
    if (this.#endNext) return this.#end(NO_FIELDS);
    for (;;) {
      switch (this.#state) {
        case "head": {
          const event = this.#readHead();
          if (event !== "again") return event;
          break;
        }
        case "length":
          return this.buffered > 0 ? this.#data("end") : this.#cutShort("its content");
        case "close":
          return this.buffered > 0 ? this.#dataUntilClose() : this.#closeEnds();
        case "chunk-line": {
          const fault = this.#readChunkLine();
          if (fault !== "again") return fault;
          break;
        }
        case "chunk-data":
          return this.buffered > 0 ? this.#data("chunk-end") : this.#cutShort("a chunk");
        case "chunk-end": {
          const fault = this.#readChunkEnd();
          if (fault !== "again") return fault;
          break;
        }
        case "trailers":
          return this.#readTrailers();
        case "tunnel":
        case "over":
          return undefined;
      }
    }
  }

  #readHead(): Event<Head> | "again" | undefined {
    if (this.buffered === 0) return this.#finished === "no" ? undefined : this.#closed();
    if (!this.#inMessage) {
      if (this.#bytes[this.#at] === CR && this.#emptyLines < this.limits.emptyLinesMax) return this.#skipEmptyLine();
      const fault = this.begin();
      if (fault) return fault;
      this.#inMessage = true;
    }
    const section = this.#at === 0 ? this.#bytes : this.#bytes.subarray(this.#at);
    const step = this.#scan.scan(section);
    if (step === "more") return this.#cutShort("its head");
    if (step === "start-line") return this.startLine(decodeLatin1(section, 0, this.#scan.startLineEnd)) ?? "again";
    if (step !== "done") return step;
    const head = this.head(this.#scan.fields(section));
    this.#at += this.#scan.at;
    this.#scan.reset("head");
    if (head.kind === "interim") this.#inMessage = false;
    else if (head.kind !== "error") this.#frame(head.framing);
    return head;
  }

  /** RFC 9112 §2.2: old clients send an empty line after a body. */
  #skipEmptyLine(): ErrorEvent | "again" | undefined {
    if (this.buffered < 2) return this.#cutShort("an empty line");
    if (this.#bytes[this.#at + 1] !== LF) return refuse(400, "a CR must be followed by LF");
    this.#at += 2;
    this.#emptyLines++;
    return "again";
  }

  #frame(framing: Framing): void {
    switch (framing.kind) {
      case "none":
        this.#endNext = true;
        break;
      case "length":
        this.#left = framing.bytes;
        if (framing.bytes === 0) this.#endNext = true;
        else this.#state = "length";
        break;
      case "chunked":
        this.#state = "chunk-line";
        break;
      default:
        this.#state = framing.kind;
    }
  }

  /** Passes on what is there of a counted stretch; after its last byte comes the end, or the chunk's CRLF. */
  #data(then: "end" | "chunk-end"): Event<Head> {
    const bytes = this.#bytes.subarray(this.#at, this.#at + this.#left);
    this.#at += bytes.length;
    this.#left -= bytes.length;
    if (this.#left === 0) {
      if (then === "end") this.#endNext = true;
      else this.#state = "chunk-end";
    }
    return { kind: "data", bytes };
  }

  #dataUntilClose(): Event<Head> {
    const bytes = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    return { kind: "data", bytes };
  }

  #readChunkLine(): ErrorEvent | "again" | undefined {
    const lineMax = this.limits.chunkLineBytesMax;
    const lf = this.#bytes.indexOf(LF, this.#at);
    const length = (lf < 0 ? this.#bytes.length : lf) - this.#at;
    if (length > lineMax) return refuse(400, `a chunk's size line is longer than ${lineMax} bytes`);
    if (lf < 0) return this.#cutShort("a chunk's size");
    if (this.#bytes[lf - 1] !== CR || length === 0) return refuse(400, "a chunk's size line must end with CRLF");
    const size = chunkBytes(this.#bytes, this.#at, lf - 1);
    if (typeof size !== "number") return size;
    this.#at = lf + 1;
    this.#left = size;
    this.#state = size === 0 ? "trailers" : "chunk-data";
    if (size === 0) this.#scan.reset("trailers");
    return "again";
  }

  #readChunkEnd(): ErrorEvent | "again" | undefined {
    if (this.buffered > 0 && this.#bytes[this.#at] !== CR) return refuse(400, "a chunk is longer than its size says");
    if (this.buffered < 2) return this.#cutShort("a chunk");
    if (this.#bytes[this.#at + 1] !== LF) return refuse(400, "a chunk must end with CRLF");
    this.#at += 2;
    this.#state = "chunk-line";
    return "again";
  }

  #readTrailers(): Event<Head> | undefined {
    const section = this.#bytes.subarray(this.#at);
    const step = this.#scan.scan(section);
    if (step === "more") return this.#cutShort("its trailers");
    if (step !== "done") return step === "start-line" ? undefined : step;
    const trailers = safeTrailers(this.#scan.fields(section));
    this.#at += this.#scan.at;
    this.#scan.reset("head");
    return this.#end(trailers);
  }

  #end(trailers: Fields): Event<Head> {
    this.#endNext = false;
    this.#inMessage = false;
    this.#emptyLines = 0;
    this.#state = "head";
    return trailers.length === 0 ? END : { kind: "end", trailers };
  }

  /** The connection's end ends the content, unless it broke: then nobody knows what is missing. */
  #closeEnds(): Event<Head> | undefined {
    if (this.#finished !== "closed") return this.#cutShort("its content");
    return this.#end(NO_FIELDS);
  }

  #closed(): Event<Head> {
    this.#state = "over";
    return { kind: "closed" };
  }

  #cutShort(place: string): ErrorEvent | undefined {
    if (this.#finished === "no") return undefined;
    return refuse(400, `the connection ended within ${place}`);
  }
}
