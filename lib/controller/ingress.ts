/**
 * What the controller needs of the ingress: to be told which endpoints a service has, and to answer the requests that
 * are not Muster's own. The entry file hands it in, as neither room imports the other.
 * @module
 */
import type { Endpoint } from "../cluster/endpoint.ts";
import type { AgentAccess } from "../wire/tunnel.ts";
import type { ProxyHandler } from "./api/context.ts";

export interface Ingress {
  setEndpoints(service: string, endpoints: readonly Endpoint[]): void;
  /** How agents are spoken to from now on. */
  setAccess(access: AgentAccess): void;
  handle: ProxyHandler;
  /** Its part of `/metrics`, in the text format of Prometheus, each line ended. */
  metrics(): string;
  close(): Promise<void> | void;
}
