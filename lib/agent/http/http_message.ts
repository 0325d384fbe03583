/**
 * What a handler of the agent's HTTP server is given and gives back. A request's body is read on demand and bounded;
 * a reply is plain data, so that a handler can be called in a test without a server.
 * @module
 */

import type { Fields } from "../../wire/http1/fields.ts";

/** One request. */
export interface HttpRequest {
  readonly method: string;
  /** As it was sent. */
  readonly target: string;
  /** The target up to its `?`, not decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Look names up with `fieldValue(headers, "lower-case-name")`. */
  readonly headers: Fields;
  /** The content, chunk by chunk; to be read once. Throws {@linkcode BodyError} when it is too long or cut off. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly remote: Deno.Addr;
  /** Aborts when the client goes away or the server ends before the reply is complete. */
  readonly signal: AbortSignal;
  /** The content as UTF-8. Throws {@linkcode BodyError} when it is longer than `maxBytes` or the server's limit. */
  readText(options?: { maxBytes?: number }): Promise<string>;
}

/** An answer. Content-Length or chunks, Date and Connection are added by the server. */
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text and bytes go out with their length; anything iterable in chunks, each sent at once. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

export type HttpHandler = (request: HttpRequest) => HttpReply | Promise<HttpReply>;

/** A body that can't be had; left uncaught, it becomes the answer with `status`. */
export class BodyError extends Error {
  override readonly name = "BodyError";
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

/** An RFC 9457 problem. */
export function problem(
  status: number,
  title: string,
  options: { detail?: string; headers?: HttpReply["headers"] } = {},
): HttpReply {
  const { detail, headers } = options;
  return {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
    body: JSON.stringify({ type: "about:blank", title, status, ...(detail === undefined ? {} : { detail }) }),
  };
}
