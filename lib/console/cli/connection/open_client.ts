/**
 * A client of the controller that was said: by flags, a context, or the one on this host. Where a certificate vouches for
 * it, no other authority does.
 * @module
 */
import { connectChecked } from "../../../wire/client/checked_client.ts";
import type { Client } from "../../../wire/client/client.ts";
import type { Connection } from "../../../wire/client/transport.ts";
import { type ConnectionIo, connectionOf, type Said } from "./connection.ts";

export interface OpenClient extends Disposable {
  client: Client;
  /** What the client goes by, for what isn't an operation. */
  connection: Connection & { fetch: typeof fetch };
}

/** Finds the controller and its client; dispose of it to close its connections. */
export async function openClient(said: Said, io: ConnectionIo): Promise<OpenClient> {
  const { server, token, ca } = await connectionOf(said, io);
  const http = ca === undefined ? undefined : Deno.createHttpClient({ caCerts: [ca] });
  const trusting: typeof fetch = (input, init) => fetch(input, { ...init, ...(http && { client: http }) });
  const connection = { server, token, fetch: trusting };
  return { client: connectChecked(connection), connection, [Symbol.dispose]: () => http?.close() };
}
