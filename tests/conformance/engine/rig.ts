/**
 * An engine with replicas behind it, all on loopback and on ports of their own choosing, and clients that send bytes as
 * they are.
 * @module
 */
import type { Endpoint } from "../../../lib/cluster/endpoint.ts";
import { Route } from "../../../lib/cluster/route.ts";
import { startDenoEngine } from "../../../lib/ingress/engine/deno/deno_engine.ts";
import type { Visit } from "../../../lib/ingress/engine/deno/visit.ts";
import type { Engine } from "../../../lib/ingress/engine/engine.ts";
import { ENGINE_LIMITS, type EngineLimits } from "../../../lib/ingress/engine/limits.ts";
import type { Certificates } from "../../../lib/ingress/tls/certificates.ts";
import { parseNetworks } from "../../../lib/ingress/seen/networks.ts";
import type { TrafficMetrics } from "../../../lib/ingress/seen/traffic_metrics.ts";
import { systemRandom } from "../../../lib/runtime/random.ts";
import type { AgentAccess } from "../../../lib/wire/tunnel.ts";
import type { z } from "zod";

export const SERVICE = "web";

export interface EngineRig extends AsyncDisposable {
  engine: Engine;
  port: number;
  url: string;
  visits: Visit[];
  /** Sets what the service's route says, and its endpoints. */
  set(endpoints: readonly { endpoint: Endpoint }[], route?: z.input<typeof Route>): void;
}

export interface RigOptions {
  limits?: Partial<EngineLimits>;
  access?: AgentAccess;
  route?: z.input<typeof Route>;
  /** Networks of proxies that are believed. */
  trusted?: string;
  isTracing?: boolean;
  metrics?: TrafficMetrics;
  /** For a TLS port, where there is to be one. */
  certificates?: Certificates;
}

/** Starts an engine in front of these replicas. */
export function startEngine(
  replicas: readonly { endpoint: Endpoint }[],
  { limits = {}, access = {}, route = {}, trusted = "", certificates, isTracing = false, metrics }: RigOptions = {},
): EngineRig {
  const visits: Visit[] = [];
  const engine = startDenoEngine({
    defaultService: "payload",
    listening: [{ host: "127.0.0.1", port: 0 }],
    ...certificates && { tls: { listening: [{ host: "127.0.0.1", port: 0 }], certificates } },
    limits: { ...ENGINE_LIMITS, ...limits },
    access,
    trusted: parseNetworks(trusted),
    isTracing,
    ...metrics && { metrics },
    now: () => performance.now(),
    chance: systemRandom.next,
    onVisit: (visit) => visits.push(visit),
  });
  const { port } = engine.addresses[0]!;
  const set: EngineRig["set"] = (given, changed = route) =>
    engine.set(SERVICE, {
      routes: [Route.parse(changed)],
      tcp: [],
      endpoints: given.map(({ endpoint }) => endpoint),
      withdrawn: [],
      desired: 1,
    });
  set(replicas);
  return {
    engine,
    port,
    url: `http://127.0.0.1:${port}`,
    visits,
    set,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
