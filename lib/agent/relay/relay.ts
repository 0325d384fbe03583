/**
 * The way to a process that listens on loopback: clients of the agent reach its replicas, and nothing else, by
 * `CONNECT <replica id>` (raw bytes both ways) or by requests for `http://<replica id>.replica/…`; `<port name>.` before
 * the id, or a field that names it, leads to a further port of the replica. Sits behind the hooks of `http_server.ts`;
 * counts what is open per replica, so that a withdrawn one is signalled only when its last tunnel has closed. Whoever
 * reaches a replica's port by itself, being on the same host, keeps a hold on it instead (`relay_hold.ts`).
 * @module
 */

import type { RequestHead } from "../../wire/http1/event.ts";
import { fieldValue } from "../../wire/http1/fields.ts";
import type { Admission } from "../http/bearer.ts";
import type { CarryTunnel, ProxyExchange } from "../http/http_exchange.ts";
import { type HttpReply, problem } from "../http/http_message.ts";
import { forward, PORT_FIELD, relayProblem } from "./relay_forward.ts";
import { HOLD_FIELD, keepHeld } from "./relay_hold.ts";
import { carryTunnel, closeQuietly } from "./relay_tunnel.ts";
import { connectReplica, type ReplicaAddress, UpstreamPool } from "./relay_upstream.ts";

export interface RelayOptions {
  /** Where a replica of this agent listens, on the named port or on its main one. */
  readonly resolve: (replicaId: string, portName?: string) => ReplicaAddress | undefined;
  /** Asked before anything else. */
  readonly authorize: (head: RequestHead) => Admission | Promise<Admission>;
  /** Told whenever the number of a replica's open tunnels changes. */
  readonly onTunnels?: (replicaId: string, open: number) => void;
}

export interface Relay {
  /** For `HttpHooks.onTunnel`. */
  readonly onTunnel: (head: RequestHead) => Promise<HttpReply | CarryTunnel>;
  /** For `HttpHooks.onProxy`. */
  readonly onProxy: (head: RequestHead, exchange: ProxyExchange) => Promise<boolean>;
  /** A connection to a replica of this agent, which counts as a tunnel until it is left; undefined when it has none. */
  reach(replicaId: string): Promise<ReachedReplica | undefined>;
  /** Tunnels and proxied requests now under way. */
  readonly tunnels: { open(replicaId: string): number };
  /** Cuts the tunnels of a node that may have none any more. */
  cut(node: string): void;
  /** Closes the connections that rest between requests. */
  close(): void;
}

export interface ReachedReplica {
  readonly conn: Deno.Conn;
  /** To be called when the connection is closed. */
  readonly leave: () => void;
}

/** Perhaps the name of a port, and the replica's id. */
const REPLICA_NAME = /^(?:([a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?)\.)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const REPLICA_AUTHORITY_SUFFIX = ".replica";

/** Makes a relay; it opens nothing before it is asked to. */
export function createRelay(options: RelayOptions): Relay {
  const pool = new UpstreamPool();
  const tunnels = countedTunnels(options);
  const { count, open, connect } = tunnels;
  const ofNodes = new Map<string, Set<Deno.Conn>>();
  return {
    onTunnel: (head) => answerTunnel(head, { options, tunnels, ofNodes }),
    async reach(replicaId) {
      const address = options.resolve(replicaId);
      return address === undefined ? undefined : await connect(replicaId, address);
    },
    async onProxy(head, exchange) {
      const { authority } = head;
      const name = authority.endsWith(REPLICA_AUTHORITY_SUFFIX)
        ? authority.slice(0, -REPLICA_AUTHORITY_SUFFIX.length)
        : authority.concat(":");
      const found = await admit(head, name, options);
      if ("refusal" in found) return await exchange.reply(found.refusal);
      const { replicaId, address } = found;
      count(replicaId, 1);
      try {
        return await forward(head, exchange, {
          address,
          pool,
          key: `${replicaId} ${address.hostname} ${address.port}`,
        });
      } finally {
        count(replicaId, -1);
      }
    },
    tunnels: { open },
    cut: (node) => {
      for (const conn of ofNodes.get(node) ?? []) closeQuietly(conn);
    },
    close: () => pool.close(),
  };
}

interface Tunnelling {
  options: RelayOptions;
  tunnels: ReturnType<typeof countedTunnels>;
  /** What is open for each node. */
  ofNodes: Map<string, Set<Deno.Conn>>;
}

/** What becomes of a `CONNECT`: it is refused, or its bytes are carried, or it is a hold and carries none. */
async function answerTunnel(
  head: RequestHead,
  { options, tunnels, ofNodes }: Tunnelling,
): Promise<HttpReply | CarryTunnel> {
  const found = await admit(head, head.target, options);
  if ("refusal" in found) return found.refusal;
  const { replicaId, address, node } = found;
  const noted = async (conn: Deno.Conn, carry: () => Promise<void>) => {
    const forget = node === undefined ? undefined : noteTunnel(ofNodes, node, conn);
    await carry().finally(forget);
  };
  if (fieldValue(head.fields, HOLD_FIELD) !== undefined) {
    return async (client) => {
      tunnels.count(replicaId, 1);
      await noted(client, () => keepHeld(client)).finally(() => tunnels.count(replicaId, -1));
    };
  }
  let replica: ReachedReplica;
  try {
    replica = await tunnels.connect(replicaId, address);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return relayProblem("connect", `the replica does not accept connections: ${error.message}`);
  }
  return async (client, early) => {
    await noted(replica.conn, () => carryTunnel(client, replica.conn, { early })).finally(replica.leave);
  };
}

function countedTunnels({ onTunnels }: RelayOptions) {
  const counts = new Map<string, number>();

  function count(replicaId: string, change: 1 | -1): void {
    const open = (counts.get(replicaId) ?? 0) + change;
    if (open === 0) counts.delete(replicaId);
    else counts.set(replicaId, open);
    onTunnels?.(replicaId, open);
  }

  async function connect(replicaId: string, address: ReplicaAddress): Promise<ReachedReplica> {
    const leave = () => count(replicaId, -1);
    count(replicaId, 1);
    try {
      return { conn: await connectReplica(address), leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  return { count, connect, open: (replicaId: string) => counts.get(replicaId) ?? 0 };
}

/** Returns what ends the note. */
function noteTunnel(ofNodes: Map<string, Set<Deno.Conn>>, node: string, conn: Deno.Conn): () => void {
  const conns = ofNodes.get(node) ?? new Set();
  ofNodes.set(node, conns.add(conn));
  return () => {
    conns.delete(conn);
    if (conns.size === 0) ofNodes.delete(node);
  };
}

interface Wanted {
  readonly replicaId: string;
  readonly address: ReplicaAddress;
  /** The node that wants it, if it is one. */
  readonly node: string | undefined;
}

async function admit(
  head: RequestHead,
  name: string,
  options: RelayOptions,
): Promise<Wanted | { readonly refusal: HttpReply }> {
  const admission = await options.authorize(head);
  if ("refusal" in admission) return admission;
  const [, ownPort, replicaId] = REPLICA_NAME.exec(name.toLowerCase()) ?? [];
  if (replicaId === undefined) {
    const detail = "an agent never opens a connection to anything but its own replicas: give a replica's id, " +
      "perhaps with the name of a port and a dot before it";
    return { refusal: problem(403, "Forbidden", { detail }) };
  }
  const portName = ownPort ?? fieldValue(head.fields, PORT_FIELD);
  const address = options.resolve(replicaId, portName);
  if (address !== undefined) return { replicaId, address, node: admission.node };
  const what = portName === undefined ? `replica ${replicaId}` : `port "${portName}" of replica ${replicaId}`;
  return { refusal: problem(404, "Not Found", { detail: `this agent has no ${what}` }) };
}
