/**
 * Opens a port of the ingress.
 * @module
 */
import type { Listening } from "../engine.ts";

export interface ListenOptions {
  /** Whether other threads may listen there as well. */
  isShared: boolean;
  /** What is there to be done when the port can't be had: as a flag says which it is, or as a spec does. */
  remedies?: Remedies;
}

interface Remedies {
  inUse: string;
  notAllowed: string;
}

const OF_FLAGS: Remedies = {
  inUse: "give another one with --ingress-port, or 0 for any free one",
  notAllowed: "give a port from 1024 on with --ingress-port, or let the program bind to lower ones",
};

export const OF_TCP_ROUTES: Remedies = {
  inUse: "end the program that has it, or give the TCP route another one",
  notAllowed: "give the TCP route a port from 1024 on, or let the controller bind to lower ones",
};

/** Throws, with what to do, when the port can't be had. */
export function listen(
  { host: hostname, port }: Listening,
  { isShared, remedies = OF_FLAGS }: ListenOptions,
): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port, reusePort: isShared });
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AddrInUse
      ? `the port is in use; ${remedies.inUse}`
      : cause instanceof Deno.errors.AddrNotAvailable
      ? "this host has no such address; give another one with --ingress-host"
      : cause instanceof Deno.errors.PermissionDenied
      ? `not allowed here; ${remedies.notAllowed}`
      : undefined;
    if (reason === undefined) throw cause;
    throw new Error(`Cannot listen on ${hostname}:${port}: ${reason}`, { cause });
  }
}
