/**
 * What the HTTP/2 machine says about the bytes it was given. A message is one head, any number of `data`, one `end`, all
 * with the number of their stream; interim answers come before the head. Heads look as HTTP/1.1's do, so that what
 * routes and forwards needs to know little of the difference.
 * @module
 */

import type { Fields } from "../http1/fields.ts";

/** What a head says about its content. `unknown`: it ends when it ends; in HTTP/1.1 it would be chunked. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "unknown" };

export interface RequestHead {
  readonly kind: "request";
  readonly stream: number;
  readonly method: string;
  /** As it was sent, byte for byte: `:path`, or for CONNECT the authority. */
  readonly target: string;
  readonly form: "origin" | "authority" | "asterisk";
  /** Path and query, or `*`; empty for CONNECT. */
  readonly path: string;
  /** Host and port that the request is for: `:authority`, else Host. Both say the same where both are there. */
  readonly authority: string;
  readonly scheme: "http" | "https";
  readonly version: "2";
  /** Without pseudo fields; the parts of a divided Cookie are joined. */
  readonly fields: Fields;
  readonly framing: Framing;
  /** True when the client waits for 100 before it sends the content. */
  readonly expectContinue: boolean;
}

export interface ResponseHead {
  readonly kind: "response";
  readonly stream: number;
  readonly status: number;
  readonly version: "2";
  readonly fields: Fields;
  readonly framing: Framing;
}

/** An answer of class 1xx. */
export interface InterimHead {
  readonly kind: "interim";
  readonly stream: number;
  readonly status: number;
  readonly fields: Fields;
}

/** Content. `bytes` is a view into what was pushed: use or copy it before `next()` is asked again; then say `took()`. */
export interface DataEvent {
  readonly kind: "data";
  readonly stream: number;
  readonly bytes: Uint8Array;
}

/** The message is complete. */
export interface EndEvent {
  readonly kind: "end";
  readonly stream: number;
  readonly trailers: Fields;
}

/** A request that is well-formed and yet not wanted: answer it with `status`. Its content is not passed on. */
export interface RefusedEvent {
  readonly kind: "refused";
  readonly stream: number;
  readonly status: 414 | 417 | 431;
  readonly detail: string;
}

/** The stream ended before its messages did; a stream that nothing was said of yet had a malformed head. */
export interface ResetEvent {
  readonly kind: "reset";
  readonly stream: number;
  readonly code: number;
  /** Who ended it: the peer, or this side because of the peer's mistake. */
  readonly by: "peer" | "here";
  readonly detail: string;
  /** True when the peer promises that it did nothing with the request: it may be sent again elsewhere. */
  readonly isUnprocessed: boolean;
}

/** All that was given of a stream after `data()` said "wait" has gone out: give more. */
export interface DrainEvent {
  readonly kind: "drain";
  readonly stream: number;
}

/** The peer takes no further requests, or sends none. Streams go on. */
export interface GoawayEvent {
  readonly kind: "goaway";
  readonly code: number;
}

/** The connection is over, by the peer's fault; a GOAWAY that says so is in the output. No other event follows. */
export interface ErrorEvent {
  readonly kind: "error";
  readonly code: number;
  readonly detail: string;
}

/** The peer closed. */
export interface ClosedEvent {
  readonly kind: "closed";
}

/** What a server, and what a client, is told at the beginning of a message. */
export type ServerHead = RequestHead | RefusedEvent;
export type ClientHead = ResponseHead | InterimHead;

export type Event<Head> =
  | Head
  | DataEvent
  | EndEvent
  | ResetEvent
  | DrainEvent
  | GoawayEvent
  | ErrorEvent
  | ClosedEvent;
