/**
 * The ingress as a whole: the proxy on the controller's port, and the ports of its own, where there are any. Both are
 * told of the same endpoints; only the latter have routes.
 * @module
 */
import { join } from "node:path";
import type { Clock } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import type { AgentAccess } from "../wire/tunnel.ts";
import { type Crew, startCrew } from "./engine/crew.ts";
import type { Traffic } from "./engine/engine.ts";
import { ENGINE_LIMITS, type EngineLimits } from "./engine/limits.ts";
import type { Ports } from "./engine/messages.ts";
import type { AccessLogSettings } from "./engine/settings.ts";
import { createProxy } from "./proxy.ts";
import { EndpointTable } from "./table.ts";
import type { CertificateSource, CertificateSourceOptions } from "./tls/certificate_source.ts";

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
  ports: Ports;
  /** The folder of certificates for TLS. */
  certificates: string | undefined;
  workers: number;
  limits: Partial<EngineLimits>;
  trustedProxies: string;
  accessLog: AccessLogSettings | undefined;
  isTracing: boolean;
}

const log = getLog("ingress");

export function createIngress({ defaultService, clock, worker, own }: IngressOptions) {
  const table = new EndpointTable();
  const access: AgentAccess = {};
  const proxy = createProxy({ table, service: defaultService, clock, access });
  const services = new Map<string, Traffic>();
  const ending = new AbortController();
  let crew: Crew | undefined;
  let source: CertificateSource | undefined;
  const hosts = () =>
    new Set(
      [...services.values()].flatMap(({ routes }) =>
        routes.flatMap(({ host }) => host === undefined ? [] : [host.replace(/^\[|\]$/g, "")])
      ),
    );
  return {
    setTraffic(service: string, traffic: Traffic | undefined) {
      table.replace(service, traffic?.endpoints ?? []);
      if (traffic === undefined) services.delete(service);
      else services.set(service, traffic);
      if (traffic === undefined) crew?.delete(service);
      else crew?.set(service, traffic);
      source?.setHosts(hosts());
    },
    setAccess(found: AgentAccess) {
      Object.assign(access, found);
      crew?.accessChanged();
    },
    async open(folder: string) {
      if (own === undefined) return;
      const { ports, workers, limits, trustedProxies, accessLog, isTracing } = own;
      source = await certificatesOf(own, {
        folder,
        clock,
        signal: ending.signal,
        onChanged: (all) => crew?.reload(all),
      });
      const certificates = source?.certificates ?? { served: [], defaultHost: undefined };
      const settings = {
        defaultService,
        limits: { ...ENGINE_LIMITS, ...limits },
        trustedProxies,
        accessLog,
        isTracing,
      };
      crew = await startCrew({ module: worker, workers, ports, certificates, settings, access, clock });
      for (const [service, traffic] of services) crew.set(service, traffic);
      source?.setHosts(hosts());
      tell("the ingress listens on", crew.addresses);
      tell("the ingress listens for TLS on", crew.tlsAddresses);
    },
    handle: proxy.handle,
    metrics: () => proxy.metrics() + (crew?.metrics() ?? ""),
    async close() {
      ending.abort();
      proxy.dispose();
      await crew?.[Symbol.asyncDispose]();
    },
  };
}

/** What TLS needs is loaded only where there is any. */
async function certificatesOf(
  { ports, certificates }: OwnPorts,
  { folder, ...options }: Pick<CertificateSourceOptions, "clock" | "signal" | "onChanged"> & { folder: string },
): Promise<CertificateSource | undefined> {
  if (ports.tls.length === 0) return undefined;
  const { openCertificates } = await import("./tls/certificate_source.ts");
  return await openCertificates({ ...options, folder: certificates, labFolder: join(folder, "lab") });
}

function tell(what: string, found: readonly Deno.NetAddr[]): void {
  if (found.length === 0) return;
  const addresses = found.map(({ hostname, port }) =>
    hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`
  );
  log.info(`${what} ${addresses.join(", ")}`, { addresses });
}
