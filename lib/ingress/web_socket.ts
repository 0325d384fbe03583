/**
 * WebSockets through the proxy: the one to the replica is opened first, since what it agrees to, or that it refuses,
 * is what the client is told; then messages go from one to the other until either closes.
 * @module
 */
import type { Endpoint } from "../cluster/endpoint.ts";
import { problem } from "../wire/problem.ts";
import type { AgentAccess } from "../wire/tunnel.ts";
import type { Arrived } from "./arrived.ts";
import type { Failure, Outcome } from "./failure.ts";
import type { ProxyMetrics } from "./proxy_metrics.ts";
import { openReplicaSocket, type ReplicaSocket, SocketUnreachable } from "./replica_socket.ts";
import { joinSockets } from "./socket_pair.ts";
import type { EndpointTable } from "./table.ts";

export interface SocketRelayOptions {
  access: AgentAccess;
  handshakeMs: number;
  metrics: ProxyMetrics;
  table: EndpointTable;
}

const GOING_AWAY = 1001;

/** Whether a request is a handshake that can be relayed; any other goes on as a plain request. */
export function isWebSocketRequest({ method, headers }: Request): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket" && method === "GET" &&
    /\bupgrade\b/i.test(headers.get("connection") ?? "") &&
    headers.get("sec-websocket-version") === "13" && headers.has("sec-websocket-key");
}

export class SocketRelay {
  readonly #options: SocketRelayOptions;
  readonly #clients = new Set<WebSocket>();

  constructor(options: SocketRelayOptions) {
    this.#options = options;
  }

  /** Answers a handshake as the replica does. */
  async open(arrived: Arrived, endpoint: Endpoint): Promise<Outcome> {
    const { access, handshakeMs, table } = this.#options;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), handshakeMs);
    try {
      const replica = await openReplicaSocket(arrived, endpoint, { ...access, signal: late.signal });
      // From a host that vanished not even a close would come.
      const onEnd = table.attend(endpoint.replica, (how) => {
        if (how === "lost") late.abort();
      });
      return this.#join(arrived.request, replica, { onEnd });
    } catch (error) {
      const isLate = late.signal.aborted;
      // What was opened on the way is closed with it.
      late.abort();
      if (isLate) return { failure: "late" };
      return refusedBy(error) ?? { failure: failureOf(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes all. */
  dispose(): void {
    for (const client of this.#clients) client.close(GOING_AWAY, "the controller is stopping");
  }

  #join(request: Request, replica: ReplicaSocket, { onEnd: leave }: { onEnd: () => void }): Response {
    const { metrics } = this.#options;
    const { protocol } = replica.socket;
    const { socket: client, response } = Deno.upgradeWebSocket(request, protocol === "" ? {} : { protocol });
    this.#clients.add(client);
    metrics.webSockets++;
    const onEnd = () => {
      leave();
      if (this.#clients.delete(client)) metrics.webSockets--;
    };
    joinSockets(client, replica, { onEnd });
    return response;
  }
}

/** The replica's own answer to the handshake, as far as the runtime tells it. */
function refusedBy(error: unknown): Response | undefined {
  const [, digits] = error instanceof Error ? /Invalid status code: ([45]\d\d)/.exec(error.message) ?? [] : [];
  if (digits === undefined) return undefined;
  const status = Number(digits);
  const detail = `the replica refused the WebSocket with ${status}`;
  return problem({ type: "websocket-refused", title: "WebSocket Refused", status, detail });
}

/** The runtime's words are all there is: these errors have neither class nor code. */
function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) throw error;
  if (error instanceof SocketUnreachable || /: tcp connect error$/.test(error.message)) return "connect";
  return /connection (?:closed|reset)|broken pipe|unexpected eof/i.test(error.message) ? "closed" : "malformed";
}
