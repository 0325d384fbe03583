/**
 * A tunnel through an agent to one of its replicas: `CONNECT <replica id>` for its main port, `CONNECT <port
 * name>.<replica id>` for another, and after the 200 the bytes are the replica's own. However this fails, nothing has been sent to the replica.
 * @module
 */
import { MAIN_PORT } from "../cluster/surroundings.ts";
import { encodeRequestHead } from "./http1/encode.ts";
import type { Field, Fields } from "./http1/fields.ts";
import { ResponseReader } from "./http1/response.ts";

const READ_BYTES = 8_192;

/** How agents on other hosts are spoken to. */
export interface AgentAccess {
  /** What is shown to agents: the same to all, or to each its own. */
  agentToken?: string | ((nodeUrl: string) => Promise<string | undefined>) | undefined;
  /** Certificates of the authorities that agents reached over https are believed by, in PEM. */
  caCerts?: string[] | undefined;
}

export interface TunnelOptions extends AgentAccess {
  signal: AbortSignal;
  /** The name of the replica's port; else its main one. */
  port?: string | undefined;
}

/** A replica, and the agent that leads to it. */
export interface TunnelEnd {
  replica: string;
  nodeUrl: string;
}

/** The connection, and what the replica has said already. */
export interface Tunnel {
  conn: Deno.Conn;
  early: Uint8Array;
}

/** Rejects when the agent can't be reached or refuses. */
export function openTunnel(end: TunnelEnd, options: TunnelOptions): Promise<Tunnel> {
  return connect(end, options, []);
}

/**
 * A connection to the agent that counts as a tunnel to the replica for as long as it is open, and carries nothing: for
 * whoever is on the same host and connects to the replica's port without the agent.
 */
export async function holdReplica(end: TunnelEnd, options: TunnelOptions): Promise<Deno.Conn> {
  return (await connect(end, options, [["muster-hold", "1"]])).conn;
}

async function connect({ nodeUrl, replica }: TunnelEnd, options: TunnelOptions, fields: Fields): Promise<Tunnel> {
  const { caCerts, signal, port } = options;
  const agentToken = typeof options.agentToken === "function" ? await options.agentToken(nodeUrl) : options.agentToken;
  const conn = await connectAgent(new URL(nodeUrl), { caCerts, signal });
  let isOpen = true;
  const close = () => {
    if (isOpen) conn.close();
    isOpen = false;
  };
  signal.addEventListener("abort", close);
  try {
    const token: Field[] = agentToken === undefined ? [] : [["authorization", `Bearer ${agentToken}`]];
    const target = port === undefined || port === MAIN_PORT ? replica : `${port}.${replica}`;
    const head = encodeRequestHead({ method: "CONNECT", target, fields: [["host", target], ...token, ...fields] });
    for (let at = 0; at < head.length;) at += await conn.write(head.subarray(at));
    return { conn, early: await readAgreement(conn, target) };
  } catch (error) {
    close();
    throw error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}

async function connectAgent(
  { protocol, hostname: host, port }: URL,
  { caCerts, signal }: { caCerts: string[] | undefined; signal: AbortSignal },
): Promise<Deno.Conn> {
  const hostname = host.replace(/^\[|\]$/g, "");
  const conn = await Deno.connect({ hostname, port: Number(port || (protocol === "https:" ? 443 : 80)), signal });
  conn.setNoDelay(true);
  return protocol === "https:" ? await Deno.startTls(conn, { hostname, ...(caCerts && { caCerts }) }) : conn;
}

async function readAgreement(conn: Deno.Conn, replica: string): Promise<Uint8Array> {
  const reader = new ResponseReader();
  reader.expect("CONNECT");
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const event = reader.next();
    if (event === undefined) {
      const count = await conn.read(buffer);
      if (count === null) reader.finish("closed");
      else reader.push(buffer.subarray(0, count));
    } else if (event.kind === "response") {
      if (event.status === 200) return reader.rest();
      throw new Error(`Cannot reach replica ${replica}: its agent answered ${event.status}`);
    } else if (event.kind !== "interim") {
      throw new Error(`Cannot reach replica ${replica}: its agent broke off`);
    }
  }
}
