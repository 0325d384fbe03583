/**
 * A proxy with real replicas behind it, all on loopback and on ports of their own choosing.
 * @module
 */
import type { Endpoint } from "../../lib/cluster/endpoint.ts";
import { createProxy, type Proxy, type ProxyOptions } from "../../lib/ingress/proxy.ts";
import { EndpointTable } from "../../lib/ingress/table.ts";
import { systemClock } from "../../lib/runtime/clock.ts";

const SERVICE = "payload";

/** A replica that answers as it is told. */
export interface Replica extends AsyncDisposable {
  endpoint: Endpoint;
  /** Ends it as a crash does: connections are cut. */
  kill(): Promise<void>;
}

export interface Rig extends AsyncDisposable {
  url: string;
  port: number;
  table: EndpointTable;
  proxy: Proxy;
}

export function endpointAt(port: number, over: Partial<Endpoint> = {}): Endpoint {
  const replica = over.replica ?? crypto.randomUUID();
  return {
    replica,
    slot: 0,
    node: "n1",
    nodeUrl: "http://127.0.0.1:9090",
    port,
    ports: {},
    tcp: [],
    fence: 1,
    suspect: false,
    ...over,
  };
}

/** A replica that speaks HTTP. */
export function serveReplica(handler: Deno.ServeHandler<Deno.NetAddr>): Replica {
  const abort = new AbortController();
  const options = { hostname: "127.0.0.1", port: 0, signal: abort.signal, onListen: () => {} };
  const server = Deno.serve(options, handler);
  const kill = async () => {
    abort.abort();
    await server.finished;
  };
  return { endpoint: endpointAt(server.addr.port), kill, [Symbol.asyncDispose]: kill };
}

/** A replica that does with each connection what it is told, and closes it. */
export function serveRaw(converse: (conn: Deno.TcpConn) => Promise<void>): Replica {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Promise<void>>();
  const accepting = (async () => {
    for await (const conn of listener) {
      const serving = converse(conn).catch((error) => {
        if (!(error instanceof Error)) throw error;
      }).finally(() => {
        conn.close();
        open.delete(serving);
      });
      open.add(serving);
    }
  })();
  let isOpen = true;
  const kill = async () => {
    if (isOpen) listener.close();
    isOpen = false;
    await accepting;
    await Promise.all(open);
  };
  return { endpoint: endpointAt(listener.addr.port), kill, [Symbol.asyncDispose]: kill };
}

/** The text of one read. */
export async function readText(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(65_536);
  const count = await conn.read(buffer);
  return new TextDecoder("latin1").decode(buffer.subarray(0, count ?? 0));
}

export async function writeText(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Sends bytes as they are; returns all that comes back until the server closes. */
export async function exchange(port: number, request: string): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeText(conn, request);
  let text = "";
  for (let part = await readText(conn); part !== ""; part = await readText(conn)) text += part;
  return text;
}

/** A proxy in front of these replicas. */
export function startProxy(
  replicas: readonly Pick<Replica, "endpoint">[],
  options: Partial<ProxyOptions> = {},
): Rig {
  const table = new EndpointTable();
  table.replace(SERVICE, replicas.map(({ endpoint }) => endpoint));
  const proxy = createProxy({ table, service: SERVICE, clock: systemClock, access: {}, ...options });
  const abort = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: abort.signal, onListen: () => {} },
    (request, info) => proxy.handle(request, info),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    port: server.addr.port,
    table,
    proxy,
    async [Symbol.asyncDispose]() {
      proxy.dispose();
      abort.abort();
      await server.finished;
    },
  };
}
