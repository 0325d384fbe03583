/**
 * The engine's port: what carries requests from clients to replicas, told a service at a time where that is. There may be
 * several engines; all pass one contract suite. One engine runs in one thread and knows of no other: several share a
 * port by listening on it together.
 * @module
 */
import type { Endpoint } from "../../cluster/endpoint.ts";
import type { Route } from "../../cluster/route.ts";
import type { Certificates } from "../tls/certificates.ts";
import type { TcpRoute } from "../../cluster/tcp_route.ts";

/** Where an engine listens. */
export interface Listening {
  host: string;
  /** 0 for any free one. */
  port: number;
}

/** All that an engine has to know of a service; never changed, only replaced. */
export interface Traffic {
  routes: readonly Route[];
  tcp: readonly TcpRoute[];
  endpoints: readonly Endpoint[];
  /** How many replicas are wanted: where none is, nothing is worth waiting for. */
  desired: number;
  /** Replicas that are withdrawn as planned: connections that they have may go on. */
  withdrawn: readonly string[];
}

/** What has become of the port of a TCP route. */
export interface TcpPortNews {
  service: string;
  port: number;
  /** Why it is not open, and what to do; undefined where it is, or is not wanted any more. */
  trouble: string | undefined;
}

export interface Engine extends AsyncDisposable {
  /** Where it listens, in the order in which it was asked to. */
  readonly addresses: readonly Deno.NetAddr[];
  /** Where it speaks TLS. */
  readonly tlsAddresses: readonly Deno.NetAddr[];
  /** Requests go by this from now on; those under way end as they began. */
  set(service: string, traffic: Traffic): void;
  delete(service: string): void;
  /** New connections are shown these certificates. */
  reload(certificates: Certificates): void;
  /** Resolves once nothing is under way at a replica that is no endpoint any more. */
  left(replica: string): Promise<void>;
}
