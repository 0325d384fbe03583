/**
 * What the operator says of the ingress as a whole; what concerns a service says its routes.
 * @module
 */
import type { AccessFormat } from "../seen/access_line.ts";
import type { EngineLimits } from "./limits.ts";

export interface IngressSettings {
  /** Gets the requests that no route takes. */
  defaultService: string;
  limits: EngineLimits;
  /** Networks of proxies that are believed what they say of their clients. */
  trustedProxies: string;
  accessLog: AccessLogSettings | undefined;
  /** Whether requests are named, and take part in traces. */
  isTracing: boolean;
}

export interface AccessLogSettings {
  format: AccessFormat;
  /** Of the requests that went well. */
  share: number;
  /** A file, or `-` for standard output. */
  path: string;
}
