/**
 * A client that sends exactly the given bytes, and reads answers with the machine of `wire/http1`.
 * @module
 */

import { HttpConnection, writeAll } from "../../lib/agent/http/http_connection.ts";
import { isDisconnect } from "../../lib/runtime/disconnect.ts";
import type { InterimHead, ResponseHead } from "../../lib/wire/http1/event.ts";
import { encodeLatin1 } from "../../lib/wire/http1/octets.ts";
import { ResponseReader } from "../../lib/wire/http1/response.ts";

export interface RawAnswer {
  readonly head: ResponseHead;
  readonly text: string;
}

export class RawClient {
  readonly conn: Deno.Conn;
  #http: HttpConnection<ResponseHead | InterimHead, ResponseReader>;

  constructor(conn: Deno.Conn) {
    this.conn = conn;
    this.#http = new HttpConnection(conn, new ResponseReader(), { bufferBytes: 65_536 });
  }

  static async connect(addr: Deno.Addr): Promise<RawClient> {
    if (addr.transport !== "tcp") throw new TypeError("Cannot connect: the server is not on TCP");
    return new RawClient(await Deno.connect({ hostname: addr.hostname, port: addr.port }));
  }

  async send(text: string): Promise<void> {
    await writeAll(this.conn, encodeLatin1(text));
  }

  /** The head of the next final answer. */
  async head(method = "GET"): Promise<ResponseHead> {
    this.#http.reader.expect(method);
    for (;;) {
      const event = await this.#http.event();
      if (event.kind === "response") return event;
      if (event.kind !== "interim") throw new Error(`no answer: ${JSON.stringify(event)}`);
    }
  }

  /** The next piece of content, or how the message ended. */
  async piece(): Promise<string> {
    const event = await this.#http.event();
    return event.kind === "data" ? new TextDecoder().decode(event.bytes) : `<${event.kind}>`;
  }

  /** The next whole answer. */
  async answer(method = "GET"): Promise<RawAnswer> {
    const head = await this.head(method);
    let text = "";
    for (let piece = await this.piece(); piece !== "<end>"; piece = await this.piece()) {
      if (piece.startsWith("<")) throw new Error(`answer ${head.status} is incomplete: ${text}${piece}`);
      text += piece;
    }
    return { head, text };
  }

  /** Sends and reads one answer. */
  async ask(text: string, method = "GET"): Promise<RawAnswer> {
    await this.send(text);
    return await this.answer(method);
  }

  /** Bytes of a tunnel: what has arrived, then reads until `length` are there or the end. */
  async raw(length = Infinity): Promise<string> {
    let text = new TextDecoder().decode(this.#http.reader.rest());
    const buffer = new Uint8Array(65_536);
    while (text.length < length) {
      const read = await this.conn.read(buffer);
      if (read === null) break;
      text += new TextDecoder().decode(buffer.subarray(0, read));
    }
    return text;
  }

  /** Resolves when the server has ended the connection. */
  async ended(): Promise<void> {
    const buffer = new Uint8Array(4_096);
    try {
      while (await this.conn.read(buffer) !== null);
    } catch (error) {
      if (!isDisconnect(error)) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#http.close();
  }
}
