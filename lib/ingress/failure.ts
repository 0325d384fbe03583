/**
 * Why a replica gave no answer, as far as it decides what may be done next. After `connect` nothing was sent, so that
 * anything may be sent elsewhere; after `closed` only what may happen twice; the rest is answered at once.
 * @module
 */

export type Failure =
  /** No connection came about, to the replica or to its agent. */
  | "connect"
  /** The connection ended before a byte of an answer. */
  | "closed"
  /** The answer can't be read, or the client's content broke off. */
  | "malformed"
  /** No answer in time. */
  | "late"
  /** The client has gone. */
  | "gone";

/** What came of an attempt. */
export type Outcome = Response | { readonly failure: Failure };
