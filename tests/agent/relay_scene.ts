/**
 * An agent with a relay and one replica, which is any function of its connections: what the relay's tests play with.
 * @module
 */

import { assertEquals } from "@std/assert";
import { writeAll } from "../../lib/agent/http/http_connection.ts";
import { isDisconnect } from "../../lib/runtime/disconnect.ts";
import { type HttpServer, serveHttp } from "../../lib/agent/http/http_server.ts";
import { createRelay, type Relay, type RelayOptions } from "../../lib/agent/relay/relay.ts";
import { encodeLatin1 } from "../../lib/wire/http1/octets.ts";
import { granted } from "../support/granted.ts";
import { RawClient } from "./raw_client.ts";

export const ID = "0e2f3d60-7a53-4a3c-9d0e-1c2b3a4f5e6d";

/** What a test has: an agent with a relay, and a replica that is any function of its connections. */
export interface Scene {
  readonly server: HttpServer;
  readonly relay: Relay;
  readonly counts: number[];
  /** Ends the replica's listener: connections are refused from then on. */
  stopReplica(): void;
  client(): Promise<RawClient>;
}

/** A test in such a scene; nothing may be left open and no error told when it ends. */
export function withRelay(
  name: string,
  options: { replica: (conn: Deno.Conn, nth: number) => Promise<void>; relay?: Partial<RelayOptions> },
  body: (scene: Scene) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: !granted,
    async fn() {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const replica = acceptAll(listener, options.replica);
      const counts: number[] = [];
      const errors: unknown[] = [];
      const relay = createRelay({
        resolve: (id) => id === ID ? listener.addr : undefined,
        authorize: () => ({ node: undefined }),
        onTunnels: (_, open) => counts.push(open),
        ...options.relay,
      });
      const agent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const server = serveHttp({
        listener: agent,
        handler: () => ({ status: 200, body: "the agent itself" }),
        onTunnel: relay.onTunnel,
        onProxy: relay.onProxy,
        onError: (error) => errors.push(error),
      });
      let listening = true;
      const stopReplica = () => {
        if (listening) listener.close();
        listening = false;
      };
      try {
        await body({ server, relay, counts, stopReplica, client: () => RawClient.connect(server.addr) });
      } finally {
        stopReplica();
        relay.close();
        await server.shutdown({ drainMs: 0 });
        await replica;
      }
      assertEquals(errors, []);
      assertEquals(relay.tunnels.open(ID), 0);
    },
  });
}

/** Sends back what comes, and the end after the end. */
export const echo = async (conn: Deno.Conn) => {
  const buffer = new Uint8Array(65_536);
  for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
    await writeAll(conn, buffer.subarray(0, read));
  }
  await conn.closeWrite();
};

/** Reads until `marker` has come, then answers with `answers` in turn; keeps what it was sent in `seen`. */
export const scripted =
  (seen: string[], answers: readonly string[], marker = "\r\n\r\n") => async (conn: Deno.Conn) => {
    const buffer = new Uint8Array(65_536);
    for (const answer of answers) {
      let text = "";
      while (!text.includes(marker)) {
        const read = await conn.read(buffer);
        if (read === null) return;
        text += new TextDecoder().decode(buffer.subarray(0, read));
      }
      seen.push(text);
      await writeAll(conn, encodeLatin1(answer));
    }
  };

/** A request in absolute form. */
export const get = (path: string, more = "") =>
  `GET http://${ID}.replica${path} HTTP/1.1\r\nHost: ${ID}.replica\r\n${more}\r\n`;
export const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

async function acceptAll(
  listener: Deno.Listener,
  serve: (conn: Deno.Conn, nth: number) => Promise<void>,
): Promise<void> {
  const serving: Promise<void>[] = [];
  try {
    for (let nth = 1;; nth++) serving.push(serveReplica(await listener.accept(), nth, serve));
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource) && !(error instanceof Deno.errors.Interrupted)) throw error;
  }
  await Promise.all(serving);
}

async function serveReplica(
  conn: Deno.Conn,
  nth: number,
  serve: (conn: Deno.Conn, nth: number) => Promise<void>,
): Promise<void> {
  try {
    await serve(conn, nth);
  } catch (error) {
    if (!isDisconnect(error)) throw error;
  } finally {
    conn.close();
  }
}
