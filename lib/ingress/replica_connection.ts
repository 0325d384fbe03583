/**
 * One connection to a replica, used for one request after the other: the HTTP/1.1 machine (`lib/wire/http1`) on a
 * socket. While it rests between two requests a read is under way already, so that the replica's close is noticed
 * then, and not by the next request.
 * @module
 */
import type { ClosedEvent, DataEvent, EndEvent, ErrorEvent, InterimHead, ResponseHead } from "../wire/http1/event.ts";
import { ResponseReader } from "../wire/http1/response.ts";
import { isDisconnect } from "./failure.ts";

const READ_BYTES = 32_768;

/** What a read gave besides data. */
const CLOSED = 0;
const CUT = -1;

type AnswerEvent = ResponseHead | InterimHead | DataEvent | EndEvent | ErrorEvent | ClosedEvent;

export class ReplicaConnection {
  readonly #conn: Deno.Conn;
  readonly #reader = new ResponseReader();
  readonly #buffer = new Uint8Array(READ_BYTES);
  #reading: Promise<number> | undefined;
  #closed = false;
  /** True once bytes of the present answer have come. */
  hasAnswered = false;
  restingSinceMs = 0;

  constructor(conn: Deno.Conn, { early }: { early?: Uint8Array } = {}) {
    this.#conn = conn;
    if (early !== undefined && early.length > 0) this.#reader.push(early);
  }

  /** True when the next request can be sent here. */
  get isFree(): boolean {
    return !this.#closed && this.#reader.idle;
  }

  /** Sends bytes; resolves to whether all have gone out. */
  async send(bytes: Uint8Array): Promise<boolean> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#conn.write(at === 0 ? bytes : bytes.subarray(at));
      return true;
    } catch (error) {
      if (!isDisconnect(error)) throw error;
      return false;
    }
  }

  /** The head of the answer to the request that has been sent; undefined when there is none to be had. */
  async head(method: string): Promise<ResponseHead | undefined> {
    this.hasAnswered = false;
    this.#reader.expect(method);
    for (;;) {
      const event = await this.event();
      if (event.kind === "response") return event;
      if (event.kind !== "interim") return undefined;
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

  /** Lays the connection to rest. `onEnd` is called when it can't be used again; bytes that nobody asked for count too. */
  rest(nowMs: number, onEnd: () => void): void {
    this.restingSinceMs = nowMs;
    this.#reader.detach();
    this.#reading ??= this.#read();
    this.#reading.then(onEnd, onEnd);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  async #fill(): Promise<void> {
    const count = await (this.#reading ??= this.#read());
    this.#reading = undefined;
    if (count > 0) {
      this.hasAnswered = true;
      this.#reader.push(this.#buffer.subarray(0, count));
    } else this.#reader.finish(count === CLOSED ? "closed" : "cut");
  }

  async #read(): Promise<number> {
    try {
      return await this.#conn.read(this.#buffer) ?? CLOSED;
    } catch (error) {
      if (!isDisconnect(error)) throw error;
      return CUT;
    }
  }
}
