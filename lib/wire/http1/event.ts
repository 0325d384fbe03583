/**
 * What the HTTP/1.1 machine says about the bytes it was given. A message is one head, any number of `data`, one `end`;
 * interim answers come before the head. `error` and `closed` are the last event of a connection.
 * @module
 */

import type { Fields } from "./fields.ts";

export type Version = "1.0" | "1.1";

/** How a message's content is delimited (RFC 9112 §6.3). After a head with `tunnel` the machine reads no further. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" }
  | { readonly kind: "tunnel" };

/** A request's start line and fields, judged. */
export interface RequestHead {
  readonly kind: "request";
  readonly method: string;
  /** As it was sent, byte for byte. */
  readonly target: string;
  readonly form: "origin" | "absolute" | "authority" | "asterisk";
  /** What goes to an origin server: path and query, or `*`; empty for CONNECT. */
  readonly path: string;
  /** Host and port that the request is for: the target's where it names one, else Host; empty only in HTTP/1.0. */
  readonly authority: string;
  readonly version: Version;
  readonly fields: Fields;
  readonly framing: Framing;
  /** True when the client lets the connection be used again after this exchange. */
  readonly keepAlive: boolean;
  /** True when the client waits for 100 before it sends the body. */
  readonly expectContinue: boolean;
}

/** A final answer's start line and fields, judged. */
export interface ResponseHead {
  readonly kind: "response";
  readonly status: number;
  readonly reason: string;
  readonly version: Version;
  readonly fields: Fields;
  readonly framing: Framing;
  readonly keepAlive: boolean;
}

/** An answer of class 1xx, other than 101. */
export interface InterimHead {
  readonly kind: "interim";
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
}

/** Content. `bytes` is a view into what was pushed: use or copy it before the reader's `next()` is asked again. */
export interface DataEvent {
  readonly kind: "data";
  readonly bytes: Uint8Array;
}

/** The message is complete. */
export interface EndEvent {
  readonly kind: "end";
  readonly trailers: Fields;
}

/** The message is refused: answer with `status` (502 on the response side) and close. */
export interface ErrorEvent {
  readonly kind: "error";
  readonly status: ErrorStatus;
  readonly detail: string;
}

/** The peer closed between two messages. */
export interface ClosedEvent {
  readonly kind: "closed";
}

export type ErrorStatus = 400 | 414 | 417 | 431 | 501 | 502 | 505;

export type Event<Head> = Head | DataEvent | EndEvent | ErrorEvent | ClosedEvent;

/** An {@linkcode ErrorEvent} in the making; what a parsing step returns instead of its result. */
export function refuse(status: ErrorStatus, detail: string): ErrorEvent {
  return { kind: "error", status, detail };
}
