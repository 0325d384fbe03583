/**
 * A socket with the HTTP/1.1 machine on top: asks it for events and reads when it wants more. One read is under way
 * at most; `watch()` starts it early, while an answer is being made, so that a peer that leaves is noticed then.
 * Serves both directions: clients of the agent (`http_exchange.ts`) and replicas (`relay_upstream.ts`).
 * @module
 */

import { isDisconnect } from "../../runtime/disconnect.ts";
import type { Event, InterimHead, RequestHead, ResponseHead } from "../../wire/http1/event.ts";
import type { MessageReader } from "../../wire/http1/message_reader.ts";

type AnyHead = RequestHead | ResponseHead | InterimHead;

/** What a read gave besides data. */
const CLOSED = 0;
const CUT = -1;

/** Sends small writes at once: held back for the peer's delayed acknowledgement they would cost 40 ms each. */
export function sendAtOnce(conn: Deno.Conn): void {
  if ("setNoDelay" in conn && typeof conn.setNoDelay === "function") conn.setNoDelay(true);
}

/** Writes all of `bytes`. */
export async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(at === 0 ? bytes : bytes.subarray(at));
}

export class HttpConnection<Head extends AnyHead, Reader extends MessageReader<Head>> {
  readonly conn: Deno.Conn;
  readonly reader: Reader;
  #buffer: Uint8Array<ArrayBuffer>;
  #pending: Promise<number> | undefined;
  #closed = false;
  /** True once a read has found the peer's end, in good order or not. */
  ended = false;

  constructor(conn: Deno.Conn, reader: Reader, options: { bufferBytes: number }) {
    sendAtOnce(conn);
    this.conn = conn;
    this.reader = reader;
    this.#buffer = new Uint8Array(options.bufferBytes);
  }

  /** The next event; waits for bytes as long as it takes. After `error` or `closed` there is none. */
  async event(): Promise<Event<Head>> {
    for (;;) {
      const event = this.reader.next();
      if (event !== undefined) return event;
      if (this.ended) return { kind: "closed" };
      await this.fill();
    }
  }

  /** Reads once and gives the machine what came. The machine must have been drained. */
  async fill(): Promise<void> {
    const read = await (this.#pending ??= this.#read());
    this.#pending = undefined;
    if (read > 0) return this.reader.push(this.#buffer.subarray(0, read));
    this.ended = true;
    this.reader.finish(read === CLOSED ? "closed" : "cut");
  }

  /** Reads ahead, and says what that finds. Only between a message's end and the next `event()`. */
  watch(onFound: (found: "bytes" | "gone") => void): void {
    this.reader.detach();
    this.#pending ??= this.#read();
    // A read that fails in an unexpected way is told to whoever reads next; here it means that the peer is gone.
    this.#pending.then((read) => onFound(read > 0 ? "bytes" : "gone"), () => onFound("gone"));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.conn.close();
    } catch (error) {
      // Whoever was given the raw connection may have closed it.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #read(): Promise<number> {
    try {
      return await this.conn.read(this.#buffer) ?? CLOSED;
    } catch (error) {
      if (!isDisconnect(error)) throw error;
      return CUT;
    }
  }
}
