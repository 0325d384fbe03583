/**
 * One connection to a replica, used for one request after the other: the HTTP/1.1 machine (`lib/wire/http1`) on a
 * socket. While it rests between two requests a read is under way already, so that the replica's close is noticed
 * then, and not by the next request.
 * @module
 */
import type {
  ClosedEvent,
  DataEvent,
  EndEvent,
  ErrorEvent,
  InterimHead,
  ResponseHead,
} from "../../wire/http1/event.ts";
import { ResponseReader } from "../../wire/http1/response.ts";
import { Channel, type Read } from "./channel.ts";

type AnswerEvent = ResponseHead | InterimHead | DataEvent | EndEvent | ErrorEvent | ClosedEvent;

export class ReplicaConnection {
  readonly channel: Channel;
  readonly #reader = new ResponseReader();
  #reading: Promise<Read> | undefined;
  /** True once bytes of the present answer have come. */
  hasAnswered = false;
  restingSinceMs = 0;

  constructor(conn: Deno.Conn, { early }: { early?: Uint8Array } = {}) {
    this.channel = new Channel(conn);
    if (early !== undefined && early.length > 0) this.#reader.push(early);
  }

  /** True when the next request can be sent here. */
  get isFree(): boolean {
    return !this.channel.isClosed && this.#reader.idle;
  }

  /** Sends bytes; resolves to whether all have gone out. */
  send(bytes: Uint8Array): Promise<boolean> {
    return this.channel.write(bytes);
  }

  /** The head of the answer to the request that has been sent; undefined when there is none to be had. */
  async head(
    method: string,
    onInterim?: (head: InterimHead) => Promise<unknown>,
  ): Promise<ResponseHead | undefined> {
    this.hasAnswered = false;
    this.#reader.expect(method);
    for (;;) {
      const event = this.#reader.next();
      if (event === undefined) await this.#fill();
      else if (event.kind === "response") return event;
      else if (event.kind !== "interim") return undefined;
      else await onInterim?.(event);
    }
  }

  /** The next event of the answer; waits for it as long as it takes. */
  async event(): Promise<AnswerEvent> {
    for (;;) {
      const event = this.#reader.next();
      if (event !== undefined) return event;
      await this.#fill();
    }
  }

  /** The next event that what has arrived makes, without waiting. Its data is a view: copy it before asking again. */
  eventNow(): AnswerEvent | undefined {
    return this.#reader.next();
  }

  /** Hands the socket over, with what was read of it beyond the answer's head: the first bytes of a tunnel. */
  handOver(): Uint8Array {
    return this.#reader.rest();
  }

  /** Lays the connection to rest. `onEnd` is called when it can't be used again; bytes that nobody asked for count too. */
  rest(nowMs: number, onEnd: () => void): void {
    this.restingSinceMs = nowMs;
    this.#reader.detach();
    this.channel.shrink();
    this.#reading ??= this.channel.read();
    this.#reading.then(onEnd, onEnd);
  }

  close(): void {
    this.channel.close();
  }

  async #fill(): Promise<void> {
    const read = await (this.#reading ??= this.channel.read());
    this.#reading = undefined;
    if (typeof read === "string") return this.#reader.finish(read);
    this.hasAnswered = true;
    this.#reader.push(read);
  }
}
