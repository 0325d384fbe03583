/**
 * A hold on a replica: counts as a tunnel to it and carries nothing. Whoever is on this host and connects to the replica's
 * port by itself keeps one, so that a withdrawn replica is not stopped under its requests.
 * @module
 */
import { isDisconnect } from "../../runtime/disconnect.ts";
import { closeQuietly } from "./relay_tunnel.ts";

/** The field of a `CONNECT` that asks for it. */
export const HOLD_FIELD = "muster-hold";

/** Resolves when its holder has let go. Closes the connection. */
export async function keepHeld(client: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(64);
  try {
    while (await client.read(buffer) !== null);
  } catch (error) {
    if (!isDisconnect(error)) throw error;
  } finally {
    closeQuietly(client);
  }
}
