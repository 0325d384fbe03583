/**
 * What services declare for the ingress and a controller was given no ports for: it is taken, as another start of the
 * controller may have them, and has no effect until then. Pure.
 * @module
 */
import type { Traffic } from "./engine/engine.ts";

/** Which ports of its own the ingress has. */
export interface OwnedPorts {
  /** Any at all: without, no TCP route has one either. */
  any: boolean;
  /** Requests can come by TLS: to here, or to a trusted proxy in front. */
  tls: boolean;
}

/** What of a service leads nowhere, by what it is, with why and what to do. */
export function missingPorts(
  { routes, tcp }: Pick<Traffic, "routes" | "tcp">,
  has: OwnedPorts,
): ReadonlyMap<string, string> {
  const missing = new Map<string, string>();
  if (!has.any) {
    const start = "the ingress has no ports of its own; start the controller with --ingress-port or --ingress-tls-port";
    if (routes.length > 0) missing.set("routes", start);
    for (const { port } of tcp) missing.set(portName(port), start);
  } else if (!has.tls && routes.some(({ https, hsts }) => https !== undefined || hsts !== undefined)) {
    const start =
      "start the controller with --ingress-tls-port, or name the proxy that speaks TLS in --trusted-proxies";
    missing.set('"https" or "hsts" in routes', `the ingress has no TLS port; ${start}`);
  }
  return missing;
}

/** What a port of a TCP route is called. */
export function portName(port: number): string {
  return `TCP port ${port}`;
}
