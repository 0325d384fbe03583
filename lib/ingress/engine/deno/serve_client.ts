/**
 * The life of one client's connection: request after request, until either side has had enough.
 * @module
 */
import { encodeResponseHead } from "../../../wire/http1/encode.ts";
import { Channel } from "../../upstream/channel.ts";
import { type Client, ClientConnection } from "./client_connection.ts";
import type { Edge } from "./edge.ts";
import { exchange } from "./exchange.ts";
import { ownAnswer, refusal } from "./own_answer.ts";

const TOO_LATE = encodeResponseHead({
  status: 408,
  fields: [["Content-Length", "0"], ["Connection", "close"]],
});

export async function serveClient(conn: Deno.Conn, { peer, isTls }: Client, edge: Edge): Promise<void> {
  const { limits, now } = edge;
  const client = new ClientConnection(new Channel(conn), { peer, isTls, limits, now, tooLate: () => TOO_LATE });
  edge.enter(client);
  try {
    await serveRequests(client, edge);
  } finally {
    client.close();
    edge.exit(client);
  }
}

async function serveRequests(client: ClientConnection, edge: Edge): Promise<void> {
  for (;;) {
    const head = await client.head();
    if (head === undefined) return;
    if (head.kind === "error") {
      const { bytes } = ownAnswer(refusal(head), {
        head: undefined,
        keepAlive: false,
      });
      if (await client.send(bytes)) await client.linger();
      return;
    }
    if (!await exchange(head, client, edge)) {
      // What it still sends is read for a moment, so that the answer is not lost with it.
      if (!client.channel.isClosed && head.framing.kind !== "none" && !client.isHandedOver) await client.linger();
      return;
    }
  }
}
