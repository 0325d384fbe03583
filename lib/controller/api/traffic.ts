/**
 * `GET /v1/services/{name}/traffic`: requests, errors and latency of the last minutes, as they came through this
 * controller's port and its ingress.
 * @module
 */
import type { TrafficView } from "../../wire/usage.ts";
import { json } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { route } from "./route.ts";
import { serviceIn } from "./services.ts";

export const trafficRoutes: readonly Route[] = [route("getTraffic", { scope: "named", handle: getTraffic })];

function getTraffic(call: Call): Response {
  const service = serviceIn(call);
  if (service instanceof Response) return service;
  const { name } = service.record;
  const { intervalMs, points } = call.var.api.traffic(name);
  const view: TrafficView = {
    service: name,
    interval_s: intervalMs / 1_000,
    points: points.map(({ endMs, requests, errors, p50Ms, p99Ms }) => ({
      at: new Date(endMs).toISOString(),
      requests,
      errors,
      p50_s: seconds(p50Ms),
      p99_s: seconds(p99Ms),
    })),
  };
  return json(view);
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1_000) / 1_000_000;
}
