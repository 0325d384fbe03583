/**
 * The flags of the ingress's own ports. What concerns one service says its spec; this is what all of them share.
 * @module
 */
import { duration, list, number, oneOf, onOff, ports, text, type ValuesOf } from "../runtime/flag.ts";
import type { IngressSettings } from "./ingress.ts";

const group = "Ingress";
const RATE_MAX = 1_000_000_000;

export const INGRESS_FLAGS = {
  ingressPort: ports({ help: "Port on which services are reached by their routes", group }),
  ingressHost: text({ help: "Address for these ports, unless it is that of --host", placeholder: "<address>", group }),
  ingressTlsPort: ports({ help: "Port on which they are reached over TLS", group }),
  ingressCertificates: text({
    help: "Folder of certificates for TLS; without, one that is made here, for a lab",
    placeholder: "<folder>",
    group,
  }),
  ingressWorkers: number({ help: "Threads that share them", default: "1", min: 1, max: 64, group }),
  ingressConnectionsMax: number({
    help: "Clients at once, per thread",
    default: "20000",
    min: 1,
    max: 1_000_000,
    group,
  }),
  ingressHeadTimeoutMs: duration({ help: "For a request's head to arrive", default: "10s", group }),
  ingressIdleTimeoutMs: duration({ help: "Between two requests of a connection", default: "60s", group }),
  ingressRateMin: number({
    help: "Bytes a second below which a client is too slow",
    default: "500",
    min: 0,
    max: RATE_MAX,
    group,
  }),
  trustedProxies: list({ help: "Network of proxies that are believed", placeholder: "<address>/<bits>", group }),
  ingressTrace: onOff({ help: "Name each request, and take part in traces (traceparent, X-Request-Id)", group }),
  accessLog: text({ help: "File for a line per request, - for standard output", placeholder: "<file>", group }),
  accessLogFormat: oneOf(["json", "combined"], { help: "How these lines look", default: "json", group }),
  accessLogShare: number({ help: "Share of good requests that are logged", default: "1", min: 0, max: 1, group }),
};

/** What they say; undefined when there are no such ports. */
export function ingressSettings(flags: ValuesOf<typeof INGRESS_FLAGS> & { host: string }): IngressSettings | undefined {
  const host = flags.ingressHost ?? flags.host;
  const placesOf = (numbers: readonly number[]) => numbers.map((port) => ({ host, port }));
  const ports = { plain: placesOf(flags.ingressPort), tls: placesOf(flags.ingressTlsPort) };
  if (ports.plain.length + ports.tls.length === 0) return undefined;
  return {
    ports,
    certificates: flags.ingressCertificates,
    workers: flags.ingressWorkers,
    limits: {
      connectionsMax: flags.ingressConnectionsMax,
      headMs: flags.ingressHeadTimeoutMs,
      idleMs: flags.ingressIdleTimeoutMs,
      bytesPerSecondMin: flags.ingressRateMin,
    },
    trustedProxies: flags.trustedProxies.join(","),
    isTracing: flags.ingressTrace,
    accessLog: flags.accessLog === undefined
      ? undefined
      : { path: flags.accessLog, format: flags.accessLogFormat, share: flags.accessLogShare },
  };
}
