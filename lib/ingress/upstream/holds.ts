/**
 * Holds on the replicas of this host, to whose ports the ingress connects by itself: their agent can't see that, and
 * would stop a withdrawn one under its requests. A hold is kept from the first request until a withdrawn replica has been
 * left by the last; through tunnels the agent sees for itself.
 * @module
 */
import { delay } from "@std/async";
import type { Endpoint } from "../../cluster/endpoint.ts";
import { isDisconnect } from "../../runtime/disconnect.ts";
import { getLog } from "../../runtime/log.ts";
import { type AgentAccess, holdReplica } from "../../wire/tunnel.ts";
import type { Attendance } from "../attendance.ts";
import { isLoopback } from "./open_replica.ts";

/** An agent that is away for a moment is asked again after this time. */
const RETRY_MS = 1_000;

const log = getLog("ingress");

export interface HoldsOptions {
  access: AgentAccess;
  attendance: Attendance;
}

interface Hold {
  endpoint: Endpoint;
  /** Aborted to let go. */
  letGo: AbortController;
}

export class Holds {
  readonly #options: HoldsOptions;
  readonly #held = new Map<string, Hold>();
  readonly #keeping = new Set<Promise<void>>();

  constructor(options: HoldsOptions) {
    this.#options = options;
  }

  /** Sees to it that there is a hold on this replica, soon. */
  keep(endpoint: Endpoint): void {
    const { replica, nodeUrl } = endpoint;
    if (this.#held.get(replica)?.endpoint.nodeUrl === nodeUrl || !isLoopback(nodeUrl)) return;
    this.#held.get(replica)?.letGo.abort();
    const hold = { endpoint, letGo: new AbortController() };
    this.#held.set(replica, hold);
    const keeping = this.#keep(hold).finally(() => this.#keeping.delete(keeping));
    this.#keeping.add(keeping);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { letGo } of this.#held.values()) letGo.abort();
    await Promise.all(this.#keeping);
  }

  async #keep(hold: Hold): Promise<void> {
    const { access, attendance } = this.#options;
    const { endpoint: { replica }, letGo: { signal } } = hold;
    // It goes with its replica, but only after whoever is there.
    const leave = attendance.attend(replica, () => {
      leave();
      void attendance.left(replica).then(() => hold.letGo.abort());
    });
    try {
      const conn = await holdReplica(hold.endpoint, { ...access, signal });
      await untilOver(conn, signal);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!signal.aborted) log.debug("Cannot hold a replica of this host", { replica, error });
    } finally {
      leave();
    }
    // Until then nobody asks for another one.
    await delay(RETRY_MS, { signal }).catch((error) => {
      if (!signal.aborted) throw error;
    });
    if (this.#held.get(replica) === hold) this.#held.delete(replica);
  }
}

/** Until it is let go, or its agent is gone. Closes it. */
async function untilOver(conn: Deno.Conn, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => over.resolve(), { once: true });
  if (signal.aborted) over.resolve();
  const ended = conn.read(new Uint8Array(1)).then(() => {}, (error) => {
    if (!isDisconnect(error)) throw error;
  });
  await Promise.race([over.promise, ended]);
  conn.close();
  await ended;
}
