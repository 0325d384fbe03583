/**
 * How requests come to a service through the ingress, as an operator declares it: which ones, to which of its replicas,
 * and how long and how often each may be tried. `lib/ingress/routing` matches by it, `lib/ingress/balance` chooses by it.
 * @module
 */
import * as z from "zod";
import { Duration, durationFrom, type ObjectOf } from "./spec_field.ts";

const ROUTES_MAX = 100;
const MATCHES_MAX = 16;
const PATH_MAX = 2_048;
const WEIGHT_MAX = 1_000;
const WEIGHT_USUAL = 100;
const RETRIES_MAX = 10;
const CONNECTIONS_MAX = 100_000;
const WAIT_MIN = "1ms";

const LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
const HOST = new RegExp(`^(\\*\\.)?${LABEL}(\\.${LABEL})*$|^\\[[0-9a-f:.]+\\]$`);
const HOST_RULE =
  'a host such as "web.example.org", in lower case and without a port, or "*.example.org" for all below it';
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const FIELD_NAME = new RegExp(`^${TOKEN}$`);
const HASH_KEY = new RegExp(`^(source|(header|cookie):${TOKEN})$`);
const LIMIT_KEY = new RegExp(`^(address|route|header:${TOKEN})$`);
const LOCATION = /^(https?:\/\/[\w.:[\]-]+)?(\/(?![/\\])[\x21-\x7e]*)?$/;
const REDIRECTS = [301, 302, 307, 308] as const;
const PATH_RULE =
  'a path such as "/" or "/api": without "//", "." and "..", "%", "\\\\", ";", query and a slash at its end';

/** Which replica a request goes to: in turn, the least busy, the better of two drawn, the quickest, or one by a key. */
const Balance = (object: ObjectOf) =>
  z.union([
    z.enum(["round_robin", "least_conn", "two_choices", "peak_ewma"]),
    object({
      hash: z.string().max(256).regex(HASH_KEY, { error: 'one of "source", "header:<name>", "cookie:<name>"' }),
    }),
  ], { error: 'one of "round_robin", "least_conn", "two_choices", "peak_ewma", or {hash: source}' });

const Path = z.string().max(PATH_MAX).regex(/^\/([\x21-\x7e]*[\x21-\x2e\x30-\x7e])?$/, { message: PATH_RULE })
  .refine((path) => !/\/\/|[%\\?#;]|\/\.\.?(\/|$)/.test(path), { message: PATH_RULE });

/** Names to the values that a request has to have, all of them. */
function matches(name: RegExp, what: string) {
  const value = z.string().max(1_024).regex(/^[\t\x20-\x7e\x80-\xff]*$/);
  return z.record(z.string().max(256).regex(name, { message: `not the name of ${what}` }), value).prefault({})
    .refine((given) => Object.keys(given).length <= MATCHES_MAX, { message: `at most ${MATCHES_MAX}` });
}

/** Which requests a route is for. */
const question = (object: ObjectOf) => ({
  /** Left out: every host that no other route names. */
  host: z.string().max(253).regex(HOST, { message: HOST_RULE }).optional(),
  /** This path and all below it. */
  path: Path.prefault("/"),
  headers: matches(FIELD_NAME, "a header field"),
  query: matches(/^[^\0]+$/, "a parameter"),
  /** The share of this route among those of other services for the same requests. */
  weight: z.int().min(0).max(WEIGHT_MAX).prefault(WEIGHT_USUAL),
  /** Answered here, instead of by a replica. `to` without a path keeps the request's. */
  redirect: object({
    to: z.string().min(1).max(PATH_MAX).regex(LOCATION, {
      message: 'a URL such as "https://www.example.org", or a path',
    }),
    status: z.union(REDIRECTS.map((status) => z.literal(status)), { error: `one of ${REDIRECTS.join(", ")}` })
      .prefault(308),
  }).optional(),
  /** `redirect`: requests without TLS are sent to where there is. */
  https: z.enum(["redirect"]).optional(),
  /** For how long browsers are to come by https alone; only said over https. */
  hsts: Duration.optional(),
});

/** Which replica gets a request, and what becomes of it where one can't. */
const choice = (object: ObjectOf) => ({
  /** What replicas speak: HTTP/1.1, or HTTP/2 without TLS, as gRPC servers do. */
  protocol: z.enum(["http1", "h2c"]).prefault("http1"),
  /** Whether replicas see what follows the path only. */
  strip: z.boolean().prefault(false),
  balance: Balance(object).prefault("round_robin"),
  /** Whether a client stays with its replica, by a cookie. */
  sticky: z.union([z.boolean(), object({ cookie: z.string().max(128).regex(FIELD_NAME) })], {
    error: "true, false, or {cookie: <name>}",
  }).prefault(false),
  /** For how long a replica that has become ready gets a growing share. */
  slow_start: Duration.prefault("0s"),
  /** When a replica that fails requests is left out, for how long, and how many of them at most. */
  ejection: object({
    failures: z.int().min(1).max(1_000).prefault(5),
    for: durationFrom(WAIT_MIN).prefault("10s"),
    share: z.number().min(0).max(1).prefault(0.5),
  }).prefault({}),
  /** Requests under way at one replica. */
  connections_max: z.int().min(1).max(CONNECTIONS_MAX).prefault(1_024),
  /** Where requests wait while no replica is ready, or all have what they can take. */
  queue: object({
    length: z.int().min(0).max(CONNECTIONS_MAX).prefault(1_000),
    timeout: Duration.prefault("5s"),
  }).prefault({}),
  /** How often a request that may be repeated is tried elsewhere. */
  retries: z.int().min(0).max(RETRIES_MAX).prefault(2),
});

/** For how long, and how many. */
const bounds = (object: ObjectOf) => ({
  connect_timeout: durationFrom(WAIT_MIN).prefault("3s"),
  /** Until the head of the answer. */
  timeout: durationFrom(WAIT_MIN).prefault("30s"),
  /** Without a byte while a request or its answer is under way. */
  idle_timeout: durationFrom(WAIT_MIN).prefault("60s"),
  /** Of all of it. */
  total_timeout: durationFrom(WAIT_MIN).optional(),
  /** Without a byte on a WebSocket, or another connection that was upgraded. */
  tunnel_timeout: durationFrom(WAIT_MIN).prefault("1h"),
  /** How many requests may come. */
  rate: object({
    requests: z.int().min(1).max(1_000_000),
    per: durationFrom("100ms").prefault("1s"),
    /** How many at once; else as many as in a whole period. */
    burst: z.int().min(1).max(1_000_000).optional(),
    by: z.string().max(256).regex(LIMIT_KEY, { message: 'one of "address", "route", "header:<name>"' })
      .prefault("address"),
  }).optional(),
  /** Requests under way at all replicas together. */
  in_flight_max: z.int().min(1).max(CONNECTIONS_MAX).optional(),
});

const routeSchema = (object: ObjectOf) => object({ ...question(object), ...choice(object), ...bounds(object) });

export function routesSchema(object: ObjectOf) {
  return z.array(routeSchema(object)).max(ROUTES_MAX);
}

/** Which requests come to a service, and how they are treated. */
export const Route = routeSchema(z.strictObject as unknown as ObjectOf);
export type Route = z.infer<typeof Route>;

/** What is true of requests that no route names: they go to the service that exists from the start. */
export const ROUTE_USUAL: Route = Route.parse({});
