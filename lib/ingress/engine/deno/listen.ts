/**
 * Opens a port of the ingress.
 * @module
 */
import type { Listening } from "../engine.ts";

/** Throws, with what to do, when the port can't be had. */
export function listen({ host: hostname, port }: Listening, { isShared }: { isShared: boolean }): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port, reusePort: isShared });
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AddrInUse
      ? "the port is in use; give another one with --ingress-port, or 0 for any free one"
      : cause instanceof Deno.errors.AddrNotAvailable
      ? "this host has no such address; give another one with --ingress-host"
      : cause instanceof Deno.errors.PermissionDenied
      ? "not allowed here; give a port from 1024 on with --ingress-port, or let the program bind to lower ones"
      : undefined;
    if (reason === undefined) throw cause;
    throw new Error(`Cannot listen on ${hostname}:${port}: ${reason}`, { cause });
  }
}
