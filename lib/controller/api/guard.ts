/**
 * Who may use Muster's own routes, decided before a route is looked for: requests under a host name that is not this
 * controller's are refused (DNS rebinding), as are writes that another site's page sends, and, when a token is set,
 * whoever doesn't carry it. Proxied requests don't come by here.
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import type { Clock } from "../../runtime/clock.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { problem } from "../../wire/problem.ts";
import { isAddress } from "../agent_url.ts";
import { Attempts } from "./attempts.ts";

/** Routes that answer whoever asks. */
const OPEN_PATHS = new Set(["/healthz", "/readyz", "/version"]);
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
/** Names under which a credential would end up in logs and histories. */
const CREDENTIAL_PARAMETERS = ["token", "access_token", "auth_token", "api_key", "authorization"];
const RETRY_AFTER_S = 60;

export interface GuardOptions {
  token: string | undefined;
  /** The names that this controller goes by, beside addresses and localhost. */
  hosts: readonly string[];
  clock: Clock;
}

/** The refusal of a request from that address; undefined lets it pass. */
export type Guard = (request: Request, from: string) => Response | undefined;

export function createGuard({ token, hosts, clock }: GuardOptions): Guard {
  const known = new Set(hosts.map((host) => host.toLowerCase()));
  const authorize = token === undefined ? undefined : authorizer(token, new Attempts(clock));
  return (request, from) => {
    const url = new URL(request.url);
    return unknownHost(url, known) ?? crossSite(request, url) ?? tokenInUrl(url, token) ??
      (OPEN_PATHS.has(url.pathname) ? undefined : authorize?.(request, from));
  };
}

function unknownHost({ hostname }: URL, known: ReadonlySet<string>): Response | undefined {
  const name = hostname.replace(/\.$/, "").toLowerCase();
  if (isAddress(name) || name === "localhost" || name.endsWith(".localhost") || known.has(name)) return undefined;
  return problem({
    type: "unknown-host",
    title: "Misdirected Request",
    status: 421,
    detail: `this controller does not go by the name ${
      printableLine(name)
    }; start it with --allowed-host ${name}, or use its address`,
  });
}

function crossSite({ method, headers }: Request, { host }: URL): Response | undefined {
  if (SAFE_METHODS.has(method)) return undefined;
  const origin = headers.get("origin");
  const foreign = origin !== null && URL.parse(origin)?.host !== host;
  if (!foreign && headers.get("sec-fetch-site") !== "cross-site") return undefined;
  const detail = "a page of another site sent this; open the controller's own pages, or leave Origin out";
  return problem({ type: "cross-site", title: "Forbidden", status: 403, detail });
}

function tokenInUrl({ searchParams, search }: URL, token: string | undefined): Response | undefined {
  const named = CREDENTIAL_PARAMETERS.some((name) => searchParams.has(name));
  if (!named && !(token !== undefined && search.includes(token))) return undefined;
  const detail = 'a token in a URL ends up in logs; send it as "Authorization: Bearer …", and replace this one';
  return problem({ type: "token-in-url", title: "Bad Request", status: 400, detail });
}

function authorizer(token: string, attempts: Attempts): Guard {
  const expected = new TextEncoder().encode(token);
  return ({ headers }, from) => {
    if (attempts.areTooMany(from)) return tooManyFailures();
    const [, given] = /^bearer +(\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
    if (given !== undefined && isSame(new TextEncoder().encode(given), expected)) return undefined;
    attempts.failed(from);
    return problem({
      type: "unauthorized",
      title: "Unauthorized",
      status: 401,
      detail: 'send the controller\'s token as "Authorization: Bearer …"; it is in the file that --token-file names',
      headers: { "www-authenticate": 'Bearer realm="muster"' },
    });
  };
}

/** In a time that tells nothing about where they differ; that the lengths differ is no secret. */
function isSame(given: Uint8Array, expected: Uint8Array): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function tooManyFailures(): Response {
  return problem({
    type: "too-many-failures",
    title: "Too Many Requests",
    status: 429,
    detail: `too many requests with a wrong token came from your address; wait ${RETRY_AFTER_S} s`,
    headers: { "retry-after": String(RETRY_AFTER_S) },
  });
}
