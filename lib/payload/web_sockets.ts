/**
 * The WebSocket at `/ws`: sends every message back. Open sockets are kept in a set, because `server.shutdown()` doesn't
 * know them: at the end each is told that this endpoint is going away.
 * @module
 */

/** More sockets than this at a time are refused. */
const SOCKETS_MAX = 10_000;
/** RFC 6455: the endpoint is going away. */
const GOING_AWAY = 1001;

/** The sockets that are open. */
export type OpenSockets = Set<WebSocket>;

/** Answers the handshake, and from then on every message with itself. */
export function echoSocket(request: Request, open: OpenSockets): Response {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    const headers = { upgrade: "websocket", connection: "upgrade" };
    return new Response("Cannot answer: expected a WebSocket handshake\n", { status: 426, headers });
  }
  if (open.size >= SOCKETS_MAX) return new Response("Cannot answer: too many sockets\n", { status: 503 });
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => open.add(socket);
  socket.onmessage = ({ data }) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(data);
  };
  socket.onclose = () => open.delete(socket);
  return response;
}

/** Says goodbye on every socket. */
export function closeSockets(open: OpenSockets): void {
  for (const socket of open) socket.close(GOING_AWAY, "the replica is stopping");
}
