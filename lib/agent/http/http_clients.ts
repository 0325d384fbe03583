/**
 * Who is connected to the agent's server: admits up to a limit, prefers new clients to those that have long been idle,
 * and ends those that are late, idle, or all of them.
 * @module
 */

import { isDisconnect } from "../../runtime/disconnect.ts";
import { encodeResponseHead } from "../../wire/http1/encode.ts";
import { writeAll } from "./http_connection.ts";
import { HttpExchange, type HttpHooks } from "./http_exchange.ts";
import type { HttpLimits } from "./http_limits.ts";

export class Clients {
  readonly #hooks: HttpHooks;
  readonly #limits: HttpLimits;
  readonly #open = new Map<HttpExchange, Promise<void>>();
  /** In the order in which they became idle: the first has waited longest. */
  readonly #idle = new Set<HttpExchange>();

  constructor(hooks: HttpHooks, limits: HttpLimits) {
    this.#hooks = hooks;
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  admit(conn: Deno.Conn): void {
    if (this.#open.size >= this.#limits.connectionsMax) {
      const longestIdle = this.#idle.values().next().value;
      if (longestIdle === undefined) return turnAway(conn, this.#hooks.onError);
      longestIdle.close();
      this.#idle.delete(longestIdle);
    }
    const onPhase = (changed: HttpExchange) => {
      this.#idle.delete(changed);
      if (changed.phase === "idle") this.#idle.add(changed);
    };
    const exchange = new HttpExchange(conn, { hooks: this.#hooks, limits: this.#limits, onPhase });
    this.#idle.add(exchange);
    const ended = exchange.run().then(() => {
      this.#open.delete(exchange);
      this.#idle.delete(exchange);
    });
    this.#open.set(exchange, ended);
  }

  /** Ends those that wait, and lets the others finish what they are at. */
  endIdle(): void {
    for (const exchange of this.#open.keys()) {
      exchange.last = true;
      if (exchange.phase !== "busy") exchange.close();
    }
  }

  cutAll(): void {
    for (const exchange of this.#open.keys()) exchange.close();
  }

  /** Ends those whose deadline for reading or writing has passed. */
  expireLate(): void {
    const now = performance.now();
    for (const exchange of this.#open.keys()) {
      if (exchange.readDeadlineAt <= now || exchange.writeDeadlineAt <= now) exchange.expire();
    }
  }

  async allClosed(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open.values());
  }
}

function turnAway(conn: Deno.Conn, onError: (error: unknown) => void): void {
  const fields = [["retry-after", "1"], ["content-length", "0"], ["connection", "close"]] as const;
  writeAll(conn, encodeResponseHead({ status: 503, fields }))
    .catch((error) => {
      if (!isDisconnect(error)) onError(error);
    })
    .finally(() => conn.close());
}
