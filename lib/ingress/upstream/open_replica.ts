/**
 * A connection to a replica: straight to the port where it runs on this host, else through a tunnel of its agent's.
 * @module
 */
import type { Endpoint } from "../../cluster/endpoint.ts";
import { type AgentAccess, openTunnel, type Tunnel } from "../../wire/tunnel.ts";

export interface OpenReplicaOptions {
  access: AgentAccess;
  signal: AbortSignal;
  /** The name of one of its ports; else the main one. */
  port?: string;
}

/** Rejects when there is none to be had; nothing has been sent then. */
export async function openReplica(endpoint: Endpoint, { access, signal, port }: OpenReplicaOptions): Promise<Tunnel> {
  if (!isLoopback(endpoint.nodeUrl)) return await openTunnel(endpoint, { ...access, signal, port });
  const number = port === undefined ? endpoint.port : endpoint.ports[port] ?? endpoint.port;
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: number, signal });
  conn.setNoDelay(true);
  return { conn, early: new Uint8Array(0) };
}

const LOOPBACK = /^https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?:[:/]|$)/i;

/** Whether an agent, and with it its replicas, is on this host. */
export function isLoopback(nodeUrl: string): boolean {
  return LOOPBACK.test(nodeUrl);
}
