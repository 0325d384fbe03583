/**
 * Takes connections in for as long as a listener is open, also when the system has run out of sockets for a while.
 * @module
 */
import { delay } from "@std/async";
import { getLog } from "../../runtime/log.ts";

/** What keeps connections from being accepted, such as too many open files, takes a moment to pass. */
const PAUSE_MS = 50;

const log = getLog("ingress");

/** Resolves when the listener has been closed. `take` must not throw. */
export async function acceptEach<C extends Deno.Conn>(
  listener: { accept(): Promise<C> },
  take: (conn: C) => void,
): Promise<void> {
  let isFailing = false;
  for (;;) {
    let conn: C;
    try {
      conn = await listener.accept();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
      if (!(error instanceof Error)) throw error;
      if (!isFailing) log.warn("Cannot take in a connection: trying again", { reason: error.message });
      isFailing = true;
      await delay(PAUSE_MS);
      continue;
    }
    isFailing = false;
    take(conn);
  }
}
