/**
 * A connection that client and replica have agreed to use for something else, such as a WebSocket: bytes go both ways
 * until either side ends it.
 * @module
 */
import type { Ending } from "../../seen/access_line.ts";
import type { ReplicaConnection } from "../../upstream/replica_connection.ts";
import type { Channel } from "../../upstream/channel.ts";
import type { ClientConnection } from "./client_connection.ts";
import type { Visit } from "./visit.ts";

export interface TunnelEnds {
  client: ClientConnection;
  connection: ReplicaConnection;
  /** What the replica has said already. */
  early: Uint8Array;
  visit: Visit;
  /** The longest time without a byte. */
  idleMs: number;
}

export async function tunnel({ client, connection, early, visit, idleMs }: TunnelEnds): Promise<Ending> {
  const first = client.handOver();
  const cut = () => {
    connection.close();
    client.close();
  };
  const onBytes = () => visit.waitFor(idleMs, cut);
  onBytes();
  await Promise.all([
    copy({ from: client.channel, to: connection.channel, first, onBytes }),
    copy({ from: connection.channel, to: client.channel, first: early, onBytes }),
  ]);
  const { cutBy } = visit;
  visit.stopWaiting();
  cut();
  return cutBy === "late" ? "late" : "tunnel closed";
}

interface Way {
  from: Channel;
  to: Channel;
  first: Uint8Array;
  onBytes: () => void;
}

/** Passes on until the end, and then says it; a side that is cut takes the other one along. */
async function copy({ from, to, first, onBytes }: Way): Promise<void> {
  if (first.length > 0 && !await to.write(first)) return from.close();
  for (;;) {
    const read = await from.read();
    if (read === "closed") return await to.endWriting();
    if (read === "cut") return to.close();
    onBytes();
    if (!await to.write(read)) return from.close();
  }
}
