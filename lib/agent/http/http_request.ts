/**
 * A request as a handler sees it. What costs something (query, signal, body) is made when it is asked for.
 * @module
 */

import type { DataEvent, EndEvent, ErrorEvent, RequestHead } from "../../wire/http1/event.ts";
import type { Fields } from "../../wire/http1/fields.ts";
import { BodyError, type HttpRequest } from "./http_message.ts";

/** Where a request's content and its client's fate come from: the connection it came over. */
export interface RequestSource {
  readonly remote: Deno.Addr;
  readonly signal: AbortSignal;
  readonly bodyBytesMax: number;
  bodyEvent(): Promise<DataEvent | EndEvent | ErrorEvent>;
}

export class ReceivedRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly headers: Fields;
  #source: RequestSource;
  #search: string;
  #query: URLSearchParams | undefined;
  #bodyTaken = false;

  constructor(head: RequestHead, source: RequestSource) {
    this.method = head.method;
    this.target = head.target;
    this.headers = head.fields;
    this.#source = source;
    const mark = head.path.indexOf("?");
    this.path = mark < 0 ? head.path : head.path.slice(0, mark);
    this.#search = mark < 0 ? "" : head.path.slice(mark);
  }

  get query(): URLSearchParams {
    return this.#query ??= new URLSearchParams(this.#search);
  }

  get remote(): Deno.Addr {
    return this.#source.remote;
  }

  get signal(): AbortSignal {
    return this.#source.signal;
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#chunks(this.#source.bodyBytesMax);
  }

  async readText(options: { maxBytes?: number } = {}): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    const maxBytes = Math.min(options.maxBytes ?? Infinity, this.#source.bodyBytesMax);
    for await (const bytes of this.#chunks(maxBytes)) text += decoder.decode(bytes, { stream: true });
    return text + decoder.decode();
  }

  async *#chunks(maxBytes: number): AsyncGenerator<Uint8Array> {
    if (this.#bodyTaken) throw new TypeError("Cannot read request body: it has been read already");
    this.#bodyTaken = true;
    let received = 0;
    for (;;) {
      const event = await this.#source.bodyEvent();
      if (event.kind === "end") return;
      if (event.kind === "error") throw new BodyError(400, event.detail);
      received += event.bytes.length;
      if (received > maxBytes) throw new BodyError(413, `the body is longer than ${maxBytes} bytes`);
      // A copy: the view's buffer is read into again before the handler may be done with it.
      yield event.bytes.slice();
    }
  }
}
