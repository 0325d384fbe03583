/**
 * How a socket says that its other end, or its owner, has closed it, or that there is no way to it any more. All else
 * that a read or write throws is a bug.
 * @module
 */

const DISCONNECTS = [
  Deno.errors.BadResource,
  Deno.errors.BrokenPipe,
  Deno.errors.ConnectionAborted,
  Deno.errors.ConnectionReset,
  Deno.errors.Interrupted,
  Deno.errors.NetworkUnreachable,
  Deno.errors.NotConnected,
  Deno.errors.TimedOut,
  Deno.errors.UnexpectedEof,
  // What TLS makes of a peer that doesn't speak it.
  Deno.errors.InvalidData,
];

/** Errors of the system that the runtime has no class for. */
const CODES: ReadonlySet<unknown> = new Set(["EHOSTUNREACH", "EHOSTDOWN", "ENETDOWN"]);

/** True for the errors of a connection that has gone away. */
export function isDisconnect(error: unknown): boolean {
  if (DISCONNECTS.some((expected) => error instanceof expected)) return true;
  return error instanceof Error && "code" in error && CODES.has(error.code);
}
