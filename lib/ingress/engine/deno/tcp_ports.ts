/**
 * The TCP ports that services have here: opened when a service declares one, led to the replicas that serve it now, and
 * closed when it is declared no more. A port that can't be had is tried again, as another program may give it up; that
 * is said once, and once more when it is over.
 * @module
 */
import type { TcpRoute } from "../../../cluster/tcp_route.ts";
import { parseDurationMs } from "../../../runtime/duration.ts";
import { getLog } from "../../../runtime/log.ts";
import type { AgentAccess } from "../../../wire/tunnel.ts";
import { Balancer } from "../../balance/balancer.ts";
import type { Candidate } from "../../balance/candidate.ts";
import { type Policy, tcpPolicyOf } from "../../balance/policy.ts";
import { type EndedSession, TcpListener } from "../../tcp/listener.ts";
import type { Parting } from "../../tcp/session.ts";
import { openReplica } from "../../upstream/open_replica.ts";
import type { TcpPortNews, Traffic } from "../engine.ts";
import type { Edge } from "./edge.ts";
import { listen, OF_TCP_ROUTES } from "./listen.ts";

/** After a port is declared no more its sessions may go on for this time. */
const DRAIN_MS = 10_000;
const RETRY_MS = 2_000;

const log = getLog("ingress");

export interface TcpPortsOptions {
  host: string;
  isShared: boolean;
  access: AgentAccess;
  onPort: (news: TcpPortNews) => void;
}

/** What it shares with the rest of the engine. */
export type TcpShare = Pick<Edge, "now" | "chance" | "sweep" | "metrics" | "attendance" | "holds">;

export class TcpPorts {
  readonly #share: TcpShare;
  readonly #options: TcpPortsOptions;
  readonly #ports = new Map<number, TcpPort>();
  readonly #closing = new Set<Promise<void>>();

  constructor(share: TcpShare, options: TcpPortsOptions) {
    this.#share = share;
    this.#options = options;
  }

  /** Whatever a service has declared and has no more is closed; a port that is another service's stays that. */
  set(service: string, { tcp, endpoints, withdrawn }: Pick<Traffic, "tcp" | "endpoints" | "withdrawn">): void {
    const wanted = new Set(tcp.map(({ port }) => port));
    for (const [number, port] of this.#ports) {
      if (port.service === service && !wanted.has(number)) this.#close(number, port, DRAIN_MS);
    }
    for (const route of tcp) {
      const port = this.#ports.get(route.port) ?? this.#open(service, route);
      if (port.service === service) port.set(route, { endpoints, withdrawn });
    }
  }

  async close(drainMs: number): Promise<void> {
    for (const [number, port] of this.#ports) this.#close(number, port, drainMs);
    await Promise.all(this.#closing);
  }

  #open(service: string, route: TcpRoute): TcpPort {
    const port = new TcpPort({ service, route, share: this.#share, options: this.#options });
    this.#ports.set(route.port, port);
    port.open();
    return port;
  }

  #close(number: number, port: TcpPort, drainMs: number): void {
    this.#ports.delete(number);
    const closing = port.close(drainMs).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** A replica that a session goes to. */
interface Chosen {
  replica: string;
  candidate: Candidate;
  sinceMs: number;
  leave: () => void;
}

interface TcpPortParts {
  service: string;
  route: TcpRoute;
  share: TcpShare;
  options: TcpPortsOptions;
}

class TcpPort {
  readonly service: string;
  readonly #share: TcpShare;
  readonly #options: TcpPortsOptions;
  readonly #balancer = new Balancer();
  #route: TcpRoute;
  #policy: Policy;
  #listener: TcpListener<Chosen> | undefined;
  #running: Promise<void> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #trouble: string | undefined;

  constructor({ service, route, share, options }: TcpPortParts) {
    this.service = service;
    this.#share = share;
    this.#options = options;
    this.#route = route;
    this.#policy = tcpPolicyOf(route);
  }

  open(): void {
    const { host, isShared } = this.#options;
    const { port } = this.#route;
    let listener: Deno.TcpListener;
    try {
      listener = listen({ host, port }, { isShared, remedies: OF_TCP_ROUTES });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#say(error.message);
      this.#retry = setTimeout(() => this.open(), RETRY_MS);
      return;
    }
    this.#say(undefined);
    this.#listener = new TcpListener<Chosen>({
      listener,
      settings: () => settingsOf(this.#route),
      choose: (source, { tried }) => this.#choose(source, tried),
      release: (chosen, parting) => this.#release(chosen, parting),
      connect: ({ candidate: { endpoint } }, { signal }) =>
        openReplica(endpoint, { access: this.#options.access, signal, port: this.#route.target }),
      sweep: this.#share.sweep,
      onEnded: (session) => this.#ended(session),
    });
    this.#running = this.#listener.run();
    log.info(`TCP port ${port} leads to service ${this.service}`, { service: this.service, port });
  }

  set(route: TcpRoute, { endpoints, withdrawn }: Pick<Traffic, "endpoints" | "withdrawn">): void {
    this.#route = route;
    this.#policy = tcpPolicyOf(route);
    const serving = endpoints.filter(({ tcp }) => tcp.includes(route.port));
    this.#balancer.replace(serving, this.#share.now());
    const replicas = new Set(serving.map(({ replica }) => replica));
    this.#listener?.keep({ serving: replicas, withdrawn: new Set(withdrawn) });
  }

  async close(drainMs: number): Promise<void> {
    clearTimeout(this.#retry);
    this.#say(undefined);
    await this.#listener?.close({ drainMs });
    await this.#running;
  }

  #say(trouble: string | undefined): void {
    if (trouble !== this.#trouble) this.#options.onPort({ service: this.service, port: this.#route.port, trouble });
    this.#trouble = trouble;
  }

  #choose(source: string, tried: readonly string[]): Chosen | undefined {
    const { now, chance, metrics, attendance, holds } = this.#share;
    const picked = this.#balancer.pick(this.#policy, { nowMs: now(), chance, exclude: tried, key: source });
    if (picked.kind !== "picked") return undefined;
    const { candidate } = picked;
    this.#balancer.begin(candidate);
    holds.keep(candidate.endpoint);
    metrics.edge.add("tcp_connections");
    const { replica } = candidate.endpoint;
    // Whether it is cut is for `keep` to say; this is for whoever waits until nobody is left there.
    return { replica, candidate, sinceMs: now(), leave: attendance.attend(replica, () => {}) };
  }

  #release({ candidate, sinceMs, leave }: Chosen, parting: Parting): void {
    leave();
    const nowMs = this.#share.now();
    const outcome = parting === "carried" ? "answered" : parting === "failed" ? "failed" : "left";
    this.#balancer.end(candidate, { nowMs, tookMs: nowMs - sinceMs, outcome, policy: this.#policy });
    this.#share.metrics.edge.add("tcp_connections", -1);
  }

  #ended({ received, sent }: EndedSession): void {
    const row = this.#share.metrics.route(this.service, `${this.service} :${this.#route.port}`);
    row.passed(received, sent);
  }
}

function settingsOf({ proxy_protocol, connect_timeout, idle_timeout }: TcpRoute) {
  return {
    acceptProxy: proxy_protocol.accept,
    sendProxy: proxy_protocol.send,
    connectMs: parseDurationMs(connect_timeout),
    idleMs: parseDurationMs(idle_timeout),
  };
}
