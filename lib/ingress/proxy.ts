/**
 * The proxy on the controller's port: a request is read (`arrived.ts`), given to the replica whose turn it is
 * (`table.ts`), sent there (`forward.ts`), and the answer passed back as it comes. A replica that gives no answer is
 * taken out at once, and what may be sent again is sent once more to another. Nothing waits here for a replica to
 * appear: 503 is the answer, at once.
 * @module
 */
import type { Endpoint } from "../cluster/endpoint.ts";
import type { Clock } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import type { AgentAccess } from "../wire/tunnel.ts";
import { type Arrived, isRepeatable, readRequest } from "./arrived.ts";
import { failedAnswer, noReadyReplica } from "./failed_answer.ts";
import type { Failure, Outcome } from "./failure.ts";
import { forward } from "./forward.ts";
import { Patience } from "./patience.ts";
import { ProxyMetrics } from "./proxy_metrics.ts";
import { ReplicaPool } from "./upstream/replica_pool.ts";
import { RetryBudget } from "./balance/retry_budget.ts";
import type { EndpointTable } from "./table.ts";
import { isWebSocketRequest, SocketRelay } from "./web_socket.ts";

export const FIRST_BYTE_MS = 30_000;

export interface ProxyOptions {
  /** How agents are spoken to; may change. */
  access: AgentAccess;
  table: EndpointTable;
  /** The service that this port stands for. */
  service: string;
  clock: Clock;
  /** Told of every answer. */
  onAnswered?: (answer: { status: number; tookMs: number }) => void;
  /** How long a replica may take to begin its answer. */
  firstByteMs?: number;
}

export interface Proxy {
  handle(request: Request, info: { remoteAddr: Deno.NetAddr }): Promise<Response>;
  /** In the text format of Prometheus, each line ended. */
  metrics(): string;
  /** Ends what is under way, and closes all connections. */
  dispose(): void;
}

export function createProxy(options: ProxyOptions): Proxy {
  const { table, service, clock, firstByteMs = FIRST_BYTE_MS } = options;
  const metrics = new ProxyMetrics(service);
  const pool = new ReplicaPool(options.access, { now: clock.now, attendance: table });
  const current = (endpoint: Endpoint) => table.current(service, endpoint);
  const patience = new Patience({ clock, limitMs: firstByteMs, current });
  const sockets = new SocketRelay({ ...options, handshakeMs: firstByteMs, metrics });
  const parts: Parts = { table, service, clock, metrics, budget: new RetryBudget() };

  async function answer(request: Request, peer: string): Promise<Response> {
    const arrived = await readRequest(request, peer);
    if (arrived instanceof Response) return arrived;
    const send = isWebSocketRequest(request)
      ? (endpoint: Endpoint) => sockets.open(arrived, endpoint)
      : (endpoint: Endpoint) => forward(arrived, endpoint, { pool, patience, table });
    return await tryReplicas(arrived, send, parts);
  }

  return {
    async handle(request, { remoteAddr }) {
      const sinceMs = clock.now();
      metrics.inFlight++;
      try {
        const response = await answer(request, remoteAddr.hostname);
        const tookMs = clock.now() - sinceMs;
        metrics.answered(response.status, tookMs);
        options.onAnswered?.({ status: response.status, tookMs });
        return response;
      } finally {
        metrics.inFlight--;
      }
    },
    metrics: () => metrics.text(),
    dispose() {
      patience.dispose();
      sockets.dispose();
      pool.dispose();
    },
  };
}

interface Parts {
  table: EndpointTable;
  service: string;
  clock: Clock;
  metrics: ProxyMetrics;
  budget: RetryBudget;
}

/** Sends a request to the replica whose turn it is, and once more to another if that may be done. */
async function tryReplicas(
  arrived: Arrived,
  send: (endpoint: Endpoint) => Promise<Outcome>,
  parts: Parts,
): Promise<Response> {
  const { table, service, clock, metrics, budget } = parts;
  budget.deposit();
  const first = table.choose(service, { nowMs: clock.now() });
  if (first === undefined) return noReadyReplica(service);
  const outcome = await send(first);
  if (outcome instanceof Response) return outcome;
  const { failure } = outcome;
  const nowMs = clock.now();
  const second = table.choose(service, { nowMs, exclude: first.replica });
  // A process that lives and broke off one answer is not taken out when it is all there is.
  if (failure === "connect" || (failure === "closed" && second !== undefined)) eject(first, failure, parts);
  if (second === undefined || !mayRepeat(arrived, failure) || !budget.spend(nowMs)) return failedAnswer(failure);
  metrics.retries++;
  const again = await send(second);
  if (again instanceof Response) return again;
  if (again.failure === "connect") eject(second, again.failure, parts);
  return failedAnswer(again.failure);
}

function eject(endpoint: Endpoint, failure: "connect" | "closed", { table, service, clock, metrics }: Parts): void {
  const { replica, node } = endpoint;
  table.eject(service, endpoint, { nowMs: clock.now() });
  metrics.ejections++;
  log.warn(`took replica ${replica} out: ${EJECTION_REASONS[failure]}`, { service, replica, node });
}

const log = getLog("ingress");

const EJECTION_REASONS = {
  connect: "it can't be connected to",
  closed: "it closed the connection before it answered",
} as const;

function mayRepeat(arrived: Arrived, failure: Failure): boolean {
  if (failure === "connect") return arrived.content.kind !== "stream";
  return failure === "closed" && isRepeatable(arrived);
}
