/**
 * A tunnel offered at a port of this host to one connection: the runtime's WebSockets can't speak over a socket that
 * is given to them, but can connect to a port.
 * @module
 */
import { isDisconnect } from "../runtime/disconnect.ts";
import type { Tunnel } from "../wire/tunnel.ts";

const COPY_BYTES = 65_536;

/** Listens until the first connection, which is then carried to its end; the signal ends either. */
export function offerAtPort(tunnel: Tunnel, { signal }: { signal: AbortSignal }): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  void carryFirst(listener, { tunnel, signal });
  return listener.addr.port;
}

async function carryFirst(
  listener: Deno.Listener,
  { tunnel, signal }: { tunnel: Tunnel; signal: AbortSignal },
): Promise<void> {
  using replica = tunnel.conn;
  const cut = () => replica.close();
  signal.addEventListener("abort", cut);
  try {
    using client = await acceptOne(listener, signal);
    await writeAll(client, tunnel.early);
    await Promise.all([copy(client, replica), copy(replica, client)]);
  } catch (error) {
    // Either end may break off, and the WebSocket on the other side then tells its peer.
    if (!isDisconnect(error)) throw error;
  } finally {
    signal.removeEventListener("abort", cut);
  }
}

async function acceptOne(listener: Deno.Listener, signal: AbortSignal): Promise<Deno.Conn> {
  let isOpen = true;
  const close = () => {
    if (isOpen) listener.close();
    isOpen = false;
  };
  signal.addEventListener("abort", close);
  try {
    return await listener.accept();
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

async function copy(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(COPY_BYTES);
  for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
    await writeAll(to, buffer.subarray(0, count));
  }
  await to.closeWrite();
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
