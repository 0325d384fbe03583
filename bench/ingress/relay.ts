/**
 * What an agent is to the ingress: its relay, alone in a process, in front of one replica on loopback. Takes the address
 * and the port where it is to listen, and the replica's port.
 * @module
 */
import { serveHttp } from "../../lib/agent/http/http_server.ts";
import { createRelay } from "../../lib/agent/relay/relay.ts";

const [hostname = "", port, replicaPort] = Deno.args;
const relay = createRelay({
  resolve: () => ({ hostname: "127.0.0.1", port: Number(replicaPort) }),
  authorize: () => ({ node: undefined }),
});
const server = serveHttp({
  listener: Deno.listen({ hostname, port: Number(port) }),
  handler: () => ({ status: 404 }),
  onTunnel: relay.onTunnel,
  signal: new AbortController().signal,
  onError: (error) => {
    throw error;
  },
});
await server.finished;
