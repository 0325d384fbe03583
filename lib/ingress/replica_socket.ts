/**
 * The proxy's own WebSocket to a replica: straight to its port where it runs on this host, else through a tunnel of
 * its agent's. What arrives before the client's side is open is kept, up to a bound.
 * @module
 */
import type { Endpoint } from "../cluster/endpoint.ts";
import { type Field, fieldValue } from "../wire/http1/fields.ts";
import { openTunnel, type TunnelOptions } from "../wire/tunnel.ts";
import type { Arrived } from "./arrived.ts";
import { isLoopback } from "./upstream/open_replica.ts";
import { offerAtPort } from "./tunnel_port.ts";

export type Message = string | ArrayBuffer;

/** An open WebSocket, and what it has said so far. */
export interface ReplicaSocket {
  socket: WebSocket;
  early: Message[];
}

/** More than this before the client has joined is no conversation. */
const EARLY_MESSAGES_MAX = 1_000;

/** Opens it. Rejects with the runtime's error, or with a `SocketUnreachable` when nothing was sent. */
export async function openReplicaSocket(
  { authority, path, fields }: Arrived,
  endpoint: Endpoint,
  options: TunnelOptions,
): Promise<ReplicaSocket> {
  const port = isLoopback(endpoint.nodeUrl) ? endpoint.port : await tunnelPort(endpoint, options);
  // Connected to the port but named by the URL, so that the replica sees the host that its client asked for.
  const client = Deno.createHttpClient({ proxy: { transport: "tcp", hostname: "127.0.0.1", port } });
  try {
    const socket = new WebSocket(`ws://${authority}${path}`, {
      client,
      headers: fields.filter(isForHandshake) as [string, string][],
      protocols: protocolsOf(fields),
    });
    return await opened(socket, options.signal);
  } finally {
    client.close();
  }
}

/** There is no way to the replica, and nothing has been sent. */
export class SocketUnreachable extends Error {
  override readonly name = "SocketUnreachable";
}

async function tunnelPort(endpoint: Endpoint, options: TunnelOptions): Promise<number> {
  try {
    return offerAtPort(await openTunnel(endpoint, options), options);
  } catch (cause) {
    throw new SocketUnreachable(`Cannot reach replica ${endpoint.replica}: there is no tunnel`, { cause });
  }
}

function opened(socket: WebSocket, signal: AbortSignal): Promise<ReplicaSocket> {
  const early: Message[] = [];
  socket.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    const abort = () => socket.close();
    signal.addEventListener("abort", abort);
    const settle = () => signal.removeEventListener("abort", abort);
    socket.onopen = () => {
      settle();
      resolve({ socket, early });
    };
    socket.onerror = (event) => {
      settle();
      reject(event instanceof ErrorEvent ? event.error ?? new Error(event.message) : new Error("no WebSocket"));
    };
    socket.onclose = () => {
      settle();
      reject(new Error("the WebSocket was closed before it was open"));
    };
    socket.onmessage = ({ data }) => {
      if (early.push(data) > EARLY_MESSAGES_MAX) socket.close();
    };
  });
}

/** The handshake's own fields are the sender's. */
function isForHandshake([name]: Field): boolean {
  return name !== "host" && !name.startsWith("sec-websocket-");
}

function protocolsOf(fields: readonly Field[]): string[] {
  const offered = fieldValue(fields, "sec-websocket-protocol") ?? "";
  return offered.split(",").map((protocol) => protocol.trim()).filter((protocol) => protocol !== "");
}
