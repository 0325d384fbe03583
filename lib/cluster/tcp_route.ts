/**
 * Which ports of the ingress lead to a service byte for byte, as an operator declares it: to which of a replica's ports,
 * and to which replicas. A `check` is asked by the agents like readiness: those replicas serve the port for which it is
 * good, so that the writes to a database go to its primary and the reads to the others.
 * @module
 */
import * as z from "zod";
import { type Health, QUESTION, refuseWithoutHttp } from "./health.ts";
import { durationFrom, type ObjectOf } from "./spec_field.ts";
import { hasPort, MAIN_PORT, portNames } from "./surroundings.ts";

const ROUTES_MAX = 32;
const PORT_MAX = 65_535;
const PORT_RULE = `a port from 1 to ${PORT_MAX}`;
const CONNECTIONS_MAX = 100_000;
const WAIT_MIN = "1ms";
const CHECK_PORT_RULE = "the name of one of the replica's ports, or the number of a fixed one";
/** A replica of which nobody knows yet whether it serves the port is not excused: it does not. */
const NO_START_PERIOD = "0s";

const Port = z.int({ error: PORT_RULE }).min(1, { error: PORT_RULE }).max(PORT_MAX, { error: PORT_RULE });

/** Which replica a connection goes to: in turn, the one with the fewest, the better of two drawn, or one by its source. */
const Balance = (object: ObjectOf) =>
  z.union([z.enum(["round_robin", "least_conn", "two_choices"]), object({ hash: z.literal("source") })], {
    error: 'one of "round_robin", "least_conn", "two_choices", or {hash: source}',
  });

const checkSchema = (object: ObjectOf) =>
  object({
    ...QUESTION,
    /** The port that is asked, by its name or as the number that the spec fixes it to; else the target itself. */
    port: z.union([z.string(), Port], { error: CHECK_PORT_RULE }).optional(),
  }).superRefine((check, context) => {
    if ((check.http === undefined) === (check.tcp === undefined)) {
      context.addIssue({ code: "custom", message: 'give exactly one of "http" and "tcp"', path: [] });
    }
    refuseWithoutHttp(check, context);
  });

const tcpRouteSchema = (object: ObjectOf) =>
  object({
    /** The ingress's. */
    port: Port,
    /** The name of the replica's port that it leads to. */
    target: z.string().prefault(MAIN_PORT),
    balance: Balance(object).prefault("least_conn"),
    /** Which of the ready replicas serve the port; without it all do. */
    check: checkSchema(object).optional(),
    /** Where a connection came from, in the words of the PROXY protocol: believed of clients, told to replicas. */
    proxy_protocol: object({
      accept: z.boolean().prefault(false),
      send: z.boolean().prefault(false),
    }).prefault({}),
    /** Connections at one replica. */
    connections_max: z.int().min(1).max(CONNECTIONS_MAX).prefault(1_024),
    connect_timeout: durationFrom(WAIT_MIN).prefault("3s"),
    /** Without a byte either way. */
    idle_timeout: durationFrom(WAIT_MIN).prefault("1h"),
  });

export function tcpSchema(object: ObjectOf) {
  return z.array(tcpRouteSchema(object)).max(ROUTES_MAX);
}

/** A port of the ingress that leads to a service. */
export type TcpRoute = z.infer<ReturnType<typeof tcpRouteSchema>>;
type TcpCheck = NonNullable<TcpRoute["check"]>;

interface Ported {
  readonly ports: Readonly<Record<string, { port: number }>>;
}

/** Refuses ports that the spec's replicas don't have, and ports of the ingress that are given twice. */
export function refuseTcpContradictions(
  spec: Ported & { readonly tcp: readonly TcpRoute[] },
  context: z.RefinementCtx,
): void {
  const seen = new Map<number, number>();
  for (const [at, route] of spec.tcp.entries()) {
    const refuse = (message: string, ...path: string[]) =>
      context.addIssue({ code: "custom", message, path: ["tcp", at, ...path] });
    const first = seen.get(route.port);
    if (first !== undefined) refuse(`port ${route.port} is given twice, here and in /tcp/${first}`, "port");
    else seen.set(route.port, at);
    if (!hasPort(spec, route.target)) refuse(`there is no port of this name; there are ${portNames(spec)}`, "target");
    if (route.check?.port !== undefined && checkedPort(spec, route) === undefined) {
      const what = typeof route.check.port === "number" ? "fixed to this number" : "of this name";
      refuse(`there is no port ${what}; there are ${portNames(spec)}`, "check", "port");
    }
  }
}

/** The name of the port that its check asks; undefined where the spec has none such. */
export function checkedPort(spec: Ported, { target, check }: TcpRoute): string | undefined {
  const asked = check?.port ?? target;
  if (typeof asked === "string") return hasPort(spec, asked) ? asked : undefined;
  return Object.keys(spec.ports).find((name) => spec.ports[name]?.port === asked);
}

/** The question as agents ask it. */
export function questionOf({ port: _, ...question }: TcpCheck): Health {
  return { ...question, start_period: NO_START_PERIOD };
}
