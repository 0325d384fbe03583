/**
 * What all connections of one worker share: the routes, the services and their replicas, the limits, and what is noted
 * of every request.
 * @module
 */
import type { RequestHead, ResponseHead } from "../../../wire/http1/event.ts";
import { fieldValue } from "../../../wire/http1/fields.ts";
import type { AgentAccess } from "../../../wire/tunnel.ts";
import { Attendance } from "../../attendance.ts";
import type { CompiledRoute } from "../../routing/compiled_route.ts";
import { RouteTable } from "../../routing/route_table.ts";
import type { AccessLog } from "../../seen/access_log.ts";
import type { Network } from "../../seen/networks.ts";
import { clientOf, type Peer, peerOf } from "../../seen/peer_address.ts";
import type { SharedLimits } from "../../seen/shared_buckets.ts";
import { TrafficMetrics } from "../../seen/traffic_metrics.ts";
import { Holds } from "../../upstream/holds.ts";
import { Http2Sessions } from "../../upstream/http2_sessions.ts";
import { ReplicaPool } from "../../upstream/replica_pool.ts";
import type { Traffic } from "../engine.ts";
import type { EngineLimits } from "../limits.ts";
import type { Asker } from "./asker.ts";
import { Recorder } from "./recorder.ts";
import { RequestNamer } from "./request_names.ts";
import { type RouteState, RouteStates } from "./route_state.ts";
import { ServiceState } from "./service_state.ts";
import { Sweep, type Swept } from "./sweep.ts";
import { Visit } from "./visit.ts";

export interface EdgeOptions {
  defaultService: string;
  limits: EngineLimits;
  access: AgentAccess;
  now: () => number;
  chance: () => number;
  /** Where clients reach this ingress over TLS, as far as it is not the usual port. */
  httpsPort?: number | undefined;
  /** Proxies that are believed what they say of their clients. */
  trusted?: readonly Network[];
  metrics?: TrafficMetrics;
  accessLog?: AccessLog;
  wall?: () => number;
  /** Whether requests are named, and take part in traces. */
  isTracing?: boolean;
  /** Where rates are limited together with other threads. */
  sharedLimits?: SharedLimits | undefined;
  onVisit?: (visit: Visit) => void;
}

/** A connection of a client, whatever it speaks. */
export interface Connected extends Swept {
  /** Ends it as soon as nothing is under way on it. */
  closeIfIdle(): void;
  close(): void;
}

export class Edge {
  readonly limits: EngineLimits;
  readonly now: () => number;
  readonly chance: () => number;
  readonly routes: RouteTable;
  readonly pool: ReplicaPool;
  readonly attendance = new Attendance();
  readonly holds: Holds;
  readonly sessions: Http2Sessions;
  readonly sweep: Sweep;
  readonly #services = new Map<string, ServiceState>();
  readonly #routesOf = new Map<string, Traffic["routes"]>();
  readonly #onVisit: ((visit: Visit) => void) | undefined;
  readonly metrics: TrafficMetrics;
  readonly #trusted: readonly Network[];
  readonly #states: RouteStates;
  readonly #recorder: Recorder;
  readonly #namer: RequestNamer | undefined;
  readonly #clients = new Set<Connected>();
  #isEnding = false;

  constructor(options: EdgeOptions) {
    const {
      defaultService,
      limits,
      access,
      now,
      chance,
      onVisit,
      httpsPort,
      trusted = [],
      metrics = new TrafficMetrics(),
    } = options;
    this.limits = limits;
    this.now = now;
    this.chance = chance;
    this.#onVisit = onVisit;
    this.routes = new RouteTable({ defaultService, ...httpsPort !== undefined && { httpsPort } });
    this.sweep = new Sweep(now);
    this.pool = new ReplicaPool(access, { now, attendance: this.attendance, sweep: this.sweep });
    this.sessions = new Http2Sessions({ access, now, attendance: this.attendance });
    this.holds = new Holds({ access, attendance: this.attendance });
    this.metrics = metrics;
    this.#trusted = trusted;
    this.#states = new RouteStates(metrics, { sharedLimits: options.sharedLimits });
    this.#namer = options.isTracing === true ? new RequestNamer() : undefined;
    this.#recorder = new Recorder({ accessLog: options.accessLog, wall: options.wall ?? (() => 0) });
  }

  /** Sets a service's routes and endpoints. */
  set(service: string, { routes, endpoints, desired }: Pick<Traffic, "routes" | "endpoints" | "desired">): void {
    if (this.#routesOf.get(service) !== routes) this.routes.set(service, routes);
    this.#routesOf.set(service, routes);
    const gone = this.serviceOf(service).replace(endpoints, { desired, nowMs: this.now() });
    for (const { replica, suspect } of gone) this.attendance.tell(replica, suspect ? "lost" : "withdrawn");
  }

  delete(service: string): void {
    this.set(service, { routes: [], endpoints: [], desired: 0 });
    this.#routesOf.delete(service);
    this.#services.delete(service);
    this.#states.delete(service);
    this.metrics.delete(service);
  }

  serviceOf(name: string): ServiceState {
    const known = this.#services.get(name);
    if (known !== undefined) return known;
    const service = new ServiceState(name, this.now);
    this.#services.set(name, service);
    return service;
  }

  /** Whether clients may ask for more. */
  get isOpen(): boolean {
    return !this.#isEnding;
  }

  enter(client: Connected): void {
    this.metrics.edge.add("connections_total");
    this.metrics.edge.add("connections");
    this.#clients.add(client);
    this.sweep.add(client);
    if (this.#isEnding) client.closeIfIdle();
  }

  exit(client: Connected): void {
    this.metrics.edge.add("connections", -1);
    this.#clients.delete(client);
    this.sweep.delete(client);
  }

  /** Connections end with the request that is under way on them. */
  beginToEnd(): void {
    this.#isEnding = true;
    for (const client of this.#clients) client.closeIfIdle();
  }

  cutAll(): void {
    for (const client of this.#clients) client.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pool.dispose();
    await this.holds[Symbol.asyncDispose]();
    await this.sessions[Symbol.asyncDispose]();
  }

  /** Whether an answer goes on for as long as there is news. */
  isEventStream({ fields }: ResponseHead): boolean {
    return fieldValue(fields, "content-type")?.startsWith("text/event-stream") === true;
  }

  peerAt(address: string): Peer {
    return peerOf(address, this.#trusted);
  }

  /** A request has come. */
  begin(head: RequestHead, asker: Asker): Visit {
    const arrival = {
      peer: asker.peer,
      scheme: asker.isTls ? "https" as const : "http" as const,
      host: head.authority,
    };
    const names = this.#namer?.name(head.fields, { isTrusted: asker.peer.isTrusted });
    return new Visit(head, { asker, origin: clientOf(head.fields, arrival, this.#trusted), names, now: this.now });
  }

  /** It has been answered, or has ended otherwise. */
  end(visit: Visit): void {
    visit.asker.answerDueMs = Infinity;
    this.#recorder.note(visit, this.now());
    this.#onVisit?.(visit);
  }

  stateOf(route: CompiledRoute): RouteState {
    return this.#states.of(route);
  }
}
