/**
 * A route as the ingress works with it: its durations as numbers, worked out once when the route table (`route_table.ts`)
 * is given it. What forwards, balances, waits and counts takes its settings from here.
 * @module
 */
import type { Route } from "../../cluster/route.ts";
import { parseDurationMs } from "../../runtime/duration.ts";

export interface CompiledRoute {
  /** For metrics: the service, and the host and path that it has the route for. Those that differ in more share it. */
  readonly id: string;
  readonly service: string;
  readonly route: Route;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number | undefined;
  readonly tunnelTimeoutMs: number;
  readonly queueTimeoutMs: number;
  readonly slowStartMs: number;
  readonly ejectionMs: number;
  readonly rate: CompiledRate | undefined;
  readonly hstsSeconds: number | undefined;
}

export interface CompiledRate {
  readonly requests: number;
  readonly perMs: number;
  readonly burst: number;
  readonly by: string;
}

export function compileRoute(service: string, route: Route): CompiledRoute {
  const { host = "*", path, ejection, queue, rate, hsts } = route;
  return {
    id: `${service} ${host}${path}`,
    service,
    route,
    connectTimeoutMs: parseDurationMs(route.connect_timeout),
    timeoutMs: parseDurationMs(route.timeout),
    idleTimeoutMs: parseDurationMs(route.idle_timeout),
    totalTimeoutMs: route.total_timeout === undefined ? undefined : parseDurationMs(route.total_timeout),
    tunnelTimeoutMs: parseDurationMs(route.tunnel_timeout),
    queueTimeoutMs: parseDurationMs(queue.timeout),
    slowStartMs: parseDurationMs(route.slow_start),
    ejectionMs: parseDurationMs(ejection.for),
    rate: rate && {
      requests: rate.requests,
      perMs: parseDurationMs(rate.per),
      burst: rate.burst ?? rate.requests,
      by: rate.by,
    },
    hstsSeconds: hsts === undefined ? undefined : Math.floor(parseDurationMs(hsts) / 1_000),
  };
}
