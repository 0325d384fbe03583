/**
 * A route's wishes about balancing, read once when the route is set: durations are milliseconds here, and the way to
 * choose is one word. Every choice (`balancer.ts`) and every verdict (`ejection.ts`) is made by one of these.
 * @module
 */
import type { Route } from "../../cluster/route.ts";
import type { TcpRoute } from "../../cluster/tcp_route.ts";
import { parseDurationMs } from "../../runtime/duration.ts";
import { type HashBy, hashByOf } from "./hash_key.ts";
import { type StickyCookie, stickyCookieOf } from "./sticky.ts";
import type { Queue } from "./waiting_line.ts";

export type Way = Exclude<Route["balance"], object> | "hash";

export interface EjectionRules {
  /** So many failures in a row eject. */
  readonly failures: number;
  /** How long the first time; longer when it happens again. */
  readonly forMs: number;
  /** Of all replicas, at most this part. */
  readonly share: number;
}

export interface Policy {
  readonly way: Way;
  /** Where the key of a request is; only with the way `hash`. */
  readonly hashBy: HashBy | undefined;
  readonly sticky: StickyCookie | undefined;
  /** 0: replicas get their full share at once. */
  readonly slowStartMs: number;
  /** Requests under way at one replica, at most. */
  readonly connectionsMax: number;
  readonly ejection: EjectionRules;
  readonly queue: Queue;
  /** How often one request is tried again, at most. */
  readonly retriesMax: number;
}

/** How requests of this route are spread over the replicas of its service. */
export function policyOf(route: Route, service: string): Policy {
  const { balance, ejection, queue } = route;
  return {
    way: typeof balance === "object" ? "hash" : balance,
    hashBy: typeof balance === "object" ? hashByOf(balance.hash) : undefined,
    sticky: stickyCookieOf(route, service),
    slowStartMs: parseDurationMs(route.slow_start),
    connectionsMax: route.connections_max,
    ejection: { failures: ejection.failures, forMs: parseDurationMs(ejection.for), share: ejection.share },
    queue: { lengthMax: queue.length, timeoutMs: parseDurationMs(queue.timeout) },
    retriesMax: route.retries,
  };
}

/** What a TCP port has no words for: connections don't wait in line, and are tried elsewhere by the session itself. */
const TCP_USUAL = { sticky: undefined, slowStartMs: 0, queue: { lengthMax: 0, timeoutMs: 0 }, retriesMax: 0 } as const;
const TCP_EJECTION: EjectionRules = { failures: 3, forMs: 5_000, share: 0.5 };

/** How connections of this port are spread over the replicas that serve it. */
export function tcpPolicyOf({ balance, connections_max: connectionsMax }: TcpRoute): Policy {
  const spread = typeof balance === "object"
    ? { way: "hash" as const, hashBy: hashByOf(balance.hash) }
    : { way: balance, hashBy: undefined };
  return { ...TCP_USUAL, ...spread, connectionsMax, ejection: TCP_EJECTION };
}
