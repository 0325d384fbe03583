/**
 * Two WebSockets as one: what either says goes to the other, and when one closes the other is closed with the same
 * code, as far as it may be said.
 * @module
 */
import type { Message, ReplicaSocket } from "./replica_socket.ts";

/** A side that has not taken this much is cut off: there is no way to slow the other one down. */
const BUFFERED_BYTES_MAX = 16 * 1_048_576;

const INTERNAL_ERROR = 1011;
const TRY_AGAIN_LATER = 1013;
/** Never sent: "closed without a code", and what the runtime says of a lost connection. */
const NO_CODE = 1005;
const LOST_CODES = new Set([0, 1006, 1015]);

/** Joins a client's socket, which is about to open, with a replica's. */
export function joinSockets(
  client: WebSocket,
  { socket: replica, early }: ReplicaSocket,
  { onEnd }: { onEnd: () => void },
): void {
  client.binaryType = "arraybuffer";
  const cut = () => {
    closeClient(client, TRY_AGAIN_LATER, "the other side is too slow");
    closeReplica(replica, TRY_AGAIN_LATER, "the other side is too slow");
  };
  client.onopen = () => {
    for (const message of early) pass(message, client, cut);
    replica.onmessage = ({ data }) => pass(data, client, cut);
    // It may have closed while the client was still joining.
    if (replica.readyState === WebSocket.CLOSED) closeClient(client, INTERNAL_ERROR, "the replica has gone");
  };
  client.onmessage = ({ data }) => pass(data, replica, cut);
  client.onclose = ({ code, reason }) => {
    closeReplica(replica, code, reason);
    onEnd();
  };
  replica.onclose = ({ code, reason }) => closeClient(client, code, reason);
  // A close always follows, and says all that can be said.
  client.onerror = replica.onerror = (event) => event.preventDefault();
}

function pass(message: Message, to: WebSocket, cut: () => void): void {
  if (to.readyState !== WebSocket.OPEN) return;
  to.send(message);
  if (to.bufferedAmount > BUFFERED_BYTES_MAX) cut();
}

/** A server may send every code that may be sent at all. */
function closeClient(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState >= WebSocket.CLOSING) return;
  if (code === NO_CODE) socket.close();
  else if (LOST_CODES.has(code)) socket.close(INTERNAL_ERROR, "the replica's connection was lost");
  else socket.close(code, reason);
}

/** The runtime lets a client send only 1000 and what is the application's own. */
function closeReplica(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState >= WebSocket.CLOSING) return;
  if (code === 1000 || code >= 3000) socket.close(code, reason);
  else socket.close();
}
