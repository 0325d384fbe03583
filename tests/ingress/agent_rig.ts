/**
 * The way through an agent on another host, with the agent's own relay in the middle.
 * @module
 */
import { bearerGuard } from "../../lib/agent/http/bearer.ts";
import { serveHttp } from "../../lib/agent/http/http_server.ts";
import { createRelay } from "../../lib/agent/relay/relay.ts";
import { endpointAt, type Replica } from "./rig.ts";

/** What these agents want to be shown. */
export const AGENT_TOKEN = "agent-token";

/** An agent that relays to this replica. Its address is this host's, but not by a loopback name. */
export function startAgent(replica: Replica) {
  const ports = new Map([[replica.endpoint.replica, replica.endpoint.port]]);
  let tunnels = 0;
  const guard = bearerGuard(AGENT_TOKEN);
  const relay = createRelay({
    resolve: (id) => ports.has(id) ? { hostname: "127.0.0.1", port: ports.get(id)! } : undefined,
    authorize: ({ fields }) => guard(fields, { field: "authorization", purpose: "replica" }),
    onTunnels: () => tunnels++,
  });
  const listener = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  const abort = new AbortController();
  const server = serveHttp({
    listener,
    handler: () => ({ status: 404 }),
    onTunnel: relay.onTunnel,
    signal: abort.signal,
    onError: (error) => {
      throw error;
    },
  });
  const nodeUrl = `http://0.0.0.0:${listener.addr.port}`;
  const { replica: id, port } = replica.endpoint;
  return {
    endpoint: endpointAt(port, { replica: id, nodeUrl }),
    ports,
    tunnelChanges: () => tunnels,
    async [Symbol.asyncDispose]() {
      abort.abort();
      relay.close();
      await server.finished;
    },
  };
}
