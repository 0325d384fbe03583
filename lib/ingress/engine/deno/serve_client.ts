/**
 * The life of one client's connection that speaks HTTP/1.1: request after request, until either side has had enough.
 * @module
 */
import { Channel } from "../../upstream/channel.ts";
import type { Edge } from "./edge.ts";
import { exchange } from "./exchange.ts";
import { type Client, Http1Client } from "./http1_client.ts";
import { giveOwnAnswer, refusal } from "./own_answer.ts";

export async function serveClient(conn: Deno.Conn, from: Client, edge: Edge): Promise<void> {
  const { limits, now } = edge;
  const client = new Http1Client(new Channel(conn), { ...from, limits, now, isOpen: () => edge.isOpen });
  edge.enter(client);
  try {
    await serveRequests(client, edge);
  } finally {
    client.close();
    edge.exit(client);
  }
}

async function serveRequests(client: Http1Client, edge: Edge): Promise<void> {
  for (;;) {
    const head = await client.head();
    if (head === undefined) return;
    if (head.kind === "error") {
      giveOwnAnswer(refusal(head), client, { head: undefined, keepAlive: false });
      if (await client.flush()) await client.linger();
      return;
    }
    if (!await exchange(head, client, edge)) {
      // What it still sends is read for a moment, so that the answer is not lost with it.
      if (!client.channel.isClosed && head.framing.kind !== "none" && !client.isHandedOver) await client.linger();
      return;
    }
  }
}
