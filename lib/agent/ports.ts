/**
 * The ports that replicas get: from a range of the agent's own, outside the one from which the system takes ports for
 * outgoing connections, so that no connection of anybody's can sit on a replica's port by chance.
 * @module
 */

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

/** Whether a process could listen there now, on loopback and so on all addresses. */
export function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return false;
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
