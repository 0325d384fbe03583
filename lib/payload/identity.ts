/**
 * Who this process is. An agent tells each replica in its environment; a payload that was started by hand makes an id of
 * its own. Read once at the start, shown at `/` and `/whoami`.
 * @module
 */
import type { Random } from "../runtime/random.ts";

/** What the agent said, under the names of `/whoami`; absent where it said nothing. */
export interface Identity {
  id: string;
  service?: string;
  instance?: string;
  slot?: number;
  generation?: number;
  node?: string;
  node_id?: string;
  node_address?: string;
  fence?: number;
}

/** Read access to the environment. */
export interface Environment {
  get(name: string): string | undefined;
}

/** The identity that the environment gives, with a fresh id if it gives none. */
export function readIdentity(env: Environment, random: Random): Identity {
  const said = (name: string) => env.get(name) || undefined;
  return {
    id: said("MUSTER_REPLICA") ?? random.uuid(),
    service: said("MUSTER_SERVICE"),
    instance: said("MUSTER_INSTANCE"),
    slot: wholeNumber(said("MUSTER_SLOT")),
    generation: wholeNumber(said("MUSTER_GENERATION")),
    node: said("MUSTER_NODE"),
    node_id: said("MUSTER_NODE_ID"),
    node_address: said("NODE_ADDRESS"),
    fence: wholeNumber(said("MUSTER_FENCE")),
  };
}

function wholeNumber(said: string | undefined): number | undefined {
  return said !== undefined && /^\d{1,15}$/.test(said) ? Number(said) : undefined;
}
