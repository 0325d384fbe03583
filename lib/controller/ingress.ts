/**
 * What the controller needs of the ingress: to be told where each service is reached and by which requests, and to answer
 * the requests on the controller's port that are not Muster's own. The entry file hands it in, as neither room imports
 * the other.
 * @module
 */
import type { Endpoint } from "../cluster/endpoint.ts";
import type { Happening } from "../cluster/event.ts";
import type { Route } from "../cluster/route.ts";
import type { TcpRoute } from "../cluster/tcp_route.ts";
import type { AgentAccess } from "../wire/tunnel.ts";
import type { ProxyHandler } from "./api/context.ts";

export interface Ingress {
  /** Whom it tells what is worth telling people, from now on. */
  follow(tell: (happening: Happening) => void): void;
  /** What keeps clients from reaching a service as its spec says now, in words; mostly nothing. */
  obstacles(service: string): readonly string[];
  /** Where a service is reached from now on; undefined when there is none of that name any more. */
  setTraffic(service: string, traffic: ServiceTraffic | undefined): void;
  /** How agents are spoken to from now on. */
  setAccess(access: AgentAccess): void;
  /** Opens its own ports; what it keeps lies in that folder. Rejects, with what to do, when they can't be had. */
  open(folder: string): Promise<void>;
  handle: ProxyHandler;
  /** What came through to a service in the last minutes. */
  lately(service: string): TrafficLately;
  /** Its part of `/metrics`, in the text format of Prometheus, each line ended. */
  metrics(): string;
  close(): Promise<void> | void;
}

export interface ServiceTraffic {
  routes: readonly Route[];
  tcp: readonly TcpRoute[];
  endpoints: readonly Endpoint[];
  /** How many replicas are wanted: where none is, nothing is worth waiting for. */
  desired: number;
  /** Replicas that are withdrawn as planned: connections that they have may go on. */
  withdrawn: readonly string[];
}

export interface TrafficLately {
  /** For how long each point stands. */
  intervalMs: number;
  /** The oldest first. */
  points: readonly {
    /** By the clock of the wall. */
    endMs: number;
    requests: number;
    errors: number;
    /** Undefined where no duration is known. */
    p50Ms: number | undefined;
    p99Ms: number | undefined;
  }[];
}

interface Place {
  host: string;
  port: number;
}

/** What the operator says of the ingress's own ports. */
export interface IngressSettings {
  ports: { plain: readonly Place[]; tls: readonly Place[] };
  /** The folder of certificates for TLS. */
  certificates: string | undefined;
  workers: number;
  limits: { connectionsMax: number; headMs: number; idleMs: number; bytesPerSecondMin: number };
  /** Networks of proxies that are believed, with commas between them. */
  trustedProxies: string;
  isTracing: boolean;
  accessLog: { path: string; format: "json" | "combined"; share: number } | undefined;
}
