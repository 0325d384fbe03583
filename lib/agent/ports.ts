/**
 * The ports that replicas get: from a range of the agent's own, outside the one from which the system takes ports for
 * outgoing connections, so that no connection of anybody's can sit on a replica's port by chance.
 * @module
 */

import { isIP } from "node:net";

/** Replicas listen here, and nowhere else unless a port of theirs is exposed. */
export const LOOPBACK = "127.0.0.1";

export interface PortRange {
  from: number;
  to: number;
}

/** Below are the ports of well-known servers. */
const LOWEST = 20_000;
const HIGHEST = 65_535;
/** A narrower range than this is not worth having. */
const WIDTH_MIN = 1_000;
/** What systems other than Linux use, and Linux where it doesn't say. */
const USUAL_EPHEMERAL: PortRange = { from: 32_768, to: 65_535 };

/** The range for replicas on this host. */
export async function replicaPorts(): Promise<PortRange> {
  return outside(Deno.build.os === "linux" ? await linuxEphemeral() : USUAL_EPHEMERAL);
}

/** The wider of the two ranges beside the ephemeral one; within it when it leaves no room. */
export function outside(ephemeral: PortRange): PortRange {
  const below = { from: LOWEST, to: ephemeral.from - 1 };
  const above = { from: Math.max(LOWEST, ephemeral.to + 1), to: HIGHEST };
  const wider = widthOf(below) >= widthOf(above) ? below : above;
  return widthOf(wider) >= WIDTH_MIN ? wider : { from: LOWEST, to: HIGHEST };
}

/** Whether a process could listen there now: on loopback and so on all addresses, or on the address that is given. */
export function isFree(port: number, hostname = LOOPBACK): boolean {
  // To look a name up would make the agent wait; the program will say what is wrong with it.
  if (isIP(hostname) === 0) return true;
  try {
    Deno.listen({ hostname, port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    // A program may be allowed what the agent is not, and an address that others see need not be one of this host.
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.AddrNotAvailable) return true;
    throw error;
  }
}

async function linuxEphemeral(): Promise<PortRange> {
  const [from, to] = (await Deno.readTextFile("/proc/sys/net/ipv4/ip_local_port_range")).trim().split(/\s+/).map(
    Number,
  );
  return from !== undefined && to !== undefined && from < to ? { from, to } : USUAL_EPHEMERAL;
}

function widthOf({ from, to }: PortRange): number {
  return to - from + 1;
}
