/**
 * One attempt: sends a request to one replica, over a connection that rests or a new one, and passes the answer back
 * as it comes; or says why there is none.
 * @module
 */
import type { Endpoint } from "../cluster/endpoint.ts";
import { isDisconnect } from "../runtime/disconnect.ts";
import { encodeChunk, encodeRequestHead, LAST_CHUNK } from "../wire/http1/encode.ts";
import { passBack } from "./answer.ts";
import { type Arrived, isRepeatable } from "./arrived.ts";
import type { Failure, Outcome } from "./failure.ts";
import type { Patience, Wait } from "./patience.ts";
import type { ReplicaConnection } from "./upstream/replica_connection.ts";
import type { ReplicaPool } from "./upstream/replica_pool.ts";
import type { EndpointTable } from "./table.ts";

/** A replica whose backlog is full, or a host that is gone, says nothing. */
const CONNECT_MS = 3_000;

export interface ForwardOptions {
  pool: ReplicaPool;
  patience: Patience;
  table: EndpointTable;
}

/** Rejects for nothing that a replica or a client does. */
export async function forward(arrived: Arrived, endpoint: Endpoint, options: ForwardOptions): Promise<Outcome> {
  const { pool, patience, table } = options;
  const wait = patience.begin(arrived.request, endpoint);
  try {
    const rested = pool.take(endpoint);
    if (rested !== undefined) {
      const outcome = await attempt(arrived, rested, { pool, table, endpoint, wait });
      // That a resting connection has gone stale says nothing about the replica: a new one will.
      const isStale = !(outcome instanceof Response) && outcome.failure === "closed" && isRepeatable(arrived);
      if (!isStale || wait.ended !== undefined) return outcome;
    }
    const fresh = await connect(endpoint, { pool, wait });
    return fresh === undefined
      ? { failure: failureOf(wait, "connect") }
      : await attempt(arrived, fresh, { pool, table, endpoint, wait });
  } finally {
    patience.end(wait);
  }
}

async function connect(
  endpoint: Endpoint,
  { pool, wait }: { pool: ReplicaPool; wait: Wait },
): Promise<ReplicaConnection | undefined> {
  const abort = new AbortController();
  wait.cut = () => abort.abort();
  const timer = setTimeout(wait.cut, CONNECT_MS);
  try {
    return await pool.open(endpoint, { signal: abort.signal });
  } catch (error) {
    // Whatever the system's reason is: there is no connection, and nothing has been sent.
    if (!(error instanceof Error)) throw error;
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

async function attempt(
  arrived: Arrived,
  connection: ReplicaConnection,
  { pool, table, endpoint, wait }: { pool: ReplicaPool; table: EndpointTable; endpoint: Endpoint; wait: Wait },
): Promise<Outcome> {
  wait.cut = () => connection.close();
  const sending = sendRequest(arrived, connection);
  const head = await connection.head(arrived.method);
  if (head === undefined || head.framing.kind === "tunnel") {
    connection.close();
    const sent = await sending;
    return { failure: failureOf(wait, connection.hasAnswered || sent === "broken by client" ? "malformed" : "closed") };
  }
  // Content still under way when the answer is complete has lost its reader, and the connection goes with it.
  let sent = false;
  void sending.then((how) => sent = how === "sent");
  const release = () => {
    if (head.keepAlive && sent && connection.isFree) pool.give(endpoint, connection);
    else connection.close();
  };
  if (arrived.content.kind !== "stream") await sending;
  return passBack(head, { connection, release, attend: (onGone) => table.attend(endpoint.replica, onGone) });
}

/** A lost node is as good as one that has closed its connections: only that it could not say so. */
function failureOf({ ended }: Wait, seen: Failure): Failure {
  return ended === undefined || ended === "lost" ? seen : ended;
}

type Sent = "sent" | "broken by client" | "broken by replica";

/** Rejects for no lost connection: whether an answer comes all the same is for the other direction to see. */
async function sendRequest(arrived: Arrived, connection: ReplicaConnection): Promise<Sent> {
  const { method, path, fields, content } = arrived;
  const head = encodeRequestHead({ method, target: path, fields });
  switch (content.kind) {
    case "none":
      return await connection.send(head) ? "sent" : "broken by replica";
    case "whole": {
      const message = new Uint8Array(head.length + content.bytes.length);
      message.set(head);
      message.set(content.bytes, head.length);
      return await connection.send(message) ? "sent" : "broken by replica";
    }
    case "stream":
      return await connection.send(head) ? await sendStream(content, connection) : "broken by replica";
  }
}

async function sendStream(
  { stream, length }: Extract<Arrived["content"], { kind: "stream" }>,
  connection: ReplicaConnection,
): Promise<Sent> {
  try {
    for await (const bytes of stream) {
      if (!await connection.send(length === undefined ? encodeChunk(bytes) : bytes)) return "broken by replica";
    }
  } catch (error) {
    // A content that broke off is never completed.
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.Http) && !isDisconnect(error)) throw error;
    connection.close();
    return "broken by client";
  }
  if (length === undefined && !await connection.send(LAST_CHUNK)) return "broken by replica";
  return "sent";
}
