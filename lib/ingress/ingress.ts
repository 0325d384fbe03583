/**
 * The ingress as a whole: the proxy on the controller's port, and the ports of its own, where there are any. Both are
 * told of the same endpoints; only the latter have routes.
 * @module
 */
import { join } from "node:path";
import type { Happening } from "../cluster/event.ts";
import type { Clock } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import type { AgentAccess } from "../wire/tunnel.ts";
import { type Crew, startCrew } from "./engine/crew.ts";
import type { Traffic } from "./engine/engine.ts";
import { ENGINE_LIMITS, type EngineLimits } from "./engine/limits.ts";
import type { Ports } from "./engine/messages.ts";
import type { AccessLogSettings, IngressSettings } from "./engine/settings.ts";
import type { OwnedPorts } from "./missing_ports.ts";
import { createProxy, type Proxy } from "./proxy.ts";
import { Reach } from "./reach.ts";
import { RecentTraffic } from "./seen/recent_traffic.ts";
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

export function createIngress(options: IngressOptions): Ingress {
  return new Ingress(options);
}

class Ingress {
  readonly #options: IngressOptions;
  readonly #table = new EndpointTable();
  readonly #access: AgentAccess = {};
  readonly #recent: RecentTraffic;
  readonly #proxy: Proxy;
  readonly #reach: Reach;
  readonly #services = new Map<string, Traffic>();
  readonly #ending = new AbortController();
  readonly handle: Proxy["handle"];
  #crew: Crew | undefined;
  #source: CertificateSource | undefined;

  constructor(options: IngressOptions) {
    const { defaultService: service, clock, own } = options;
    this.#options = options;
    this.#recent = new RecentTraffic(clock);
    this.#proxy = createProxy({
      table: this.#table,
      service,
      clock,
      access: this.#access,
      onAnswered: (answer) => this.#recent.answered(service, answer),
    });
    this.#reach = new Reach(ownedPorts(own));
    this.handle = this.#proxy.handle;
  }

  follow(tell: (happening: Happening) => void): void {
    this.#reach.follow(tell);
  }

  obstacles(service: string): readonly string[] {
    return this.#reach.obstacles(service);
  }

  setTraffic(service: string, traffic: Traffic | undefined): void {
    this.#reach.set(service, traffic);
    this.#table.replace(service, traffic?.endpoints ?? []);
    if (traffic === undefined) {
      this.#services.delete(service);
      this.#crew?.delete(service);
      this.#recent.delete(service);
    } else {
      this.#services.set(service, traffic);
      this.#crew?.set(service, traffic);
    }
    this.#source?.setHosts(hostsIn(this.#services));
  }

  setAccess(found: AgentAccess): void {
    Object.assign(this.#access, found);
    this.#crew?.accessChanged();
  }

  async open(folder: string): Promise<void> {
    const { own, worker: module, clock } = this.#options;
    if (own === undefined) return;
    this.#source = await certificatesOf(own, {
      folder,
      clock,
      signal: this.#ending.signal,
      onChanged: (all) => this.#crew?.reload(all),
    });
    const crew = await startCrew({
      module,
      workers: own.workers,
      ports: own.ports,
      certificates: this.#source?.certificates ?? { served: [], defaultHost: undefined },
      settings: settingsOf(own, this.#options),
      access: this.#access,
      clock,
      onTcpPort: (news) => this.#reach.heard(news),
      onCounted: (batch) => this.#recent.counted(batch),
    });
    this.#crew = crew;
    for (const [service, traffic] of this.#services) crew.set(service, traffic);
    this.#source?.setHosts(hostsIn(this.#services));
    tell("the ingress listens on", crew.addresses);
    tell("the ingress listens for TLS on", crew.tlsAddresses);
  }

  lately(service: string) {
    return this.#recent.of(service);
  }

  metrics(): string {
    return this.#proxy.metrics() + this.#reach.metrics() + (this.#crew?.metrics() ?? "");
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#proxy.dispose();
    await this.#crew?.[Symbol.asyncDispose]();
  }
}

function settingsOf(
  { limits, trustedProxies, accessLog, isTracing }: OwnPorts,
  { defaultService }: Pick<IngressOptions, "defaultService">,
): IngressSettings {
  return { defaultService, limits: { ...ENGINE_LIMITS, ...limits }, trustedProxies, accessLog, isTracing };
}

/** The hosts that routes name, for which there are to be certificates. */
function hostsIn(services: ReadonlyMap<string, Traffic>): Set<string> {
  const named = [...services.values()].flatMap(({ routes }) => routes.flatMap(({ host }) => host ?? []));
  return new Set(named.map((host) => host.replace(/^\[|\]$/g, "")));
}

/** A trusted proxy in front may speak TLS. */
function ownedPorts(own: OwnPorts | undefined): OwnedPorts {
  if (own === undefined) return { any: false, tls: false };
  return { any: true, tls: own.ports.tls.length > 0 || own.trustedProxies !== "" };
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
