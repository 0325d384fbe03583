/**
 * The ingress as a whole: the proxy on the controller's port, and the ports of its own, where there are any. Both are
 * told of the same endpoints; only the latter have routes.
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import type { AgentAccess } from "../wire/tunnel.ts";
import { type Crew, startCrew } from "./engine/crew.ts";
import type { Listening, Traffic } from "./engine/engine.ts";
import { ENGINE_LIMITS, type EngineLimits } from "./engine/limits.ts";
import type { AccessLogSettings } from "./engine/settings.ts";
import { createProxy } from "./proxy.ts";
import { EndpointTable } from "./table.ts";

export interface IngressOptions {
  /** The service that answers where no route says otherwise. */
  defaultService: string;
  clock: Clock;
  /** The module that threads of the ingress run. */
  worker: string | URL;
  /** Its own ports, where it has any. */
  own: OwnPorts | undefined;
}

export interface OwnPorts {
  listening: readonly Listening[];
  workers: number;
  limits: Partial<EngineLimits>;
  trustedProxies: string;
  accessLog: AccessLogSettings | undefined;
}

const log = getLog("ingress");

export function createIngress({ defaultService, clock, worker, own }: IngressOptions) {
  const table = new EndpointTable();
  const access: AgentAccess = {};
  const proxy = createProxy({ table, service: defaultService, clock, access });
  const services = new Map<string, Traffic>();
  let crew: Crew | undefined;
  return {
    setTraffic(service: string, traffic: Traffic | undefined) {
      table.replace(service, traffic?.endpoints ?? []);
      if (traffic === undefined) services.delete(service);
      else services.set(service, traffic);
      if (traffic === undefined) crew?.delete(service);
      else crew?.set(service, traffic);
    },
    setAccess(found: AgentAccess) {
      Object.assign(access, found);
      crew?.accessChanged();
    },
    async open() {
      if (own === undefined) return;
      const { listening, workers, limits, trustedProxies, accessLog } = own;
      const settings = { defaultService, limits: { ...ENGINE_LIMITS, ...limits }, trustedProxies, accessLog };
      crew = await startCrew({ module: worker, workers, listening, settings, access, clock });
      for (const [service, traffic] of services) crew.set(service, traffic);
      const addresses = crew.addresses.map(({ hostname, port }) => `${hostname}:${port}`);
      log.info(`the ingress listens on ${addresses.join(", ")}`, { addresses, workers });
    },
    handle: proxy.handle,
    metrics: () => proxy.metrics() + (crew?.metrics() ?? ""),
    async close() {
      proxy.dispose();
      await crew?.[Symbol.asyncDispose]();
    },
  };
}
