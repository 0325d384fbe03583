/**
 * Who sends a request to Muster's own routes, found out before a route is looked for. Requests under a host name that is
 * not this controller's are refused (DNS rebinding), as are writes that another site's page sends, and, where
 * credentials are required, whoever has none that counts. What the principal may do is the route's to say (`access.ts`).
 * Proxied requests don't come by here.
 * @module
 */
import type { Clock } from "../../../runtime/clock.ts";
import { printableLine } from "../../../runtime/sanitize.ts";
import { problem } from "../../../wire/problem.ts";
import { isAddress } from "../../agents/agent_url.ts";
import type { Sessions } from "../../people/sessions.ts";
import { holdsSecret } from "../../people/tokens.ts";
import { Attempts } from "./attempts.ts";
import type { Authenticator } from "./authenticators.ts";
import type { Principal } from "../../people/principal.ts";
import { isOpen } from "../routes.ts";
import { sessionIdIn } from "./session_cookie.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
/** Names under which a credential would end up in logs and histories. */
const CREDENTIAL_PARAMETERS = ["token", "access_token", "auth_token", "api_key", "authorization"];
const RETRY_AFTER_S = 60;

export interface GuardOptions {
  /** Whether who has no credential is refused; if not, whoever has one still counts as who they are. */
  required: boolean;
  /** Asked in this order whom a bearer token belongs to. */
  authenticators: readonly Authenticator[];
  sessions: Sessions;
  /** The names that this controller goes by, beside addresses and localhost. */
  hosts: readonly string[];
  clock: Clock;
}

export type Guarded = { who: Principal } | { refused: Response };

/** Finds out who sends a request from that address, which is the connection's and never a header's. */
export type Guard = (request: Request, from: string) => Promise<Guarded>;

export function createGuard(options: GuardOptions): Guard {
  const known = new Set(options.hosts.map((host) => host.toLowerCase()));
  const identify = createIdentify(options);
  return async (request, from) => {
    const url = new URL(request.url);
    const refused = unknownHost(url, known) ?? crossSite(request, url) ?? tokenInUrl(request, url);
    if (refused !== undefined) return { refused };
    if (isOpen(request.method, url.pathname)) return { who: { kind: "anyone" } };
    return await identify(request, from);
  };
}

function createIdentify({ required, authenticators, sessions, clock }: GuardOptions): Guard {
  const attempts = new Attempts(clock);
  const bearerOf = async (bearer: string): Promise<Principal | undefined> => {
    for (const authenticate of authenticators) {
      const who = await authenticate(bearer);
      if (who !== undefined) return who;
    }
    return undefined;
  };
  return async ({ method, headers }, from) => {
    if (required && attempts.areTooMany(from)) return { refused: tooManyFailures() };
    const bearer = bearerIn(headers);
    const cookie = bearer === undefined ? sessionIdIn(headers) : undefined;
    const who = bearer !== undefined
      ? await bearerOf(bearer)
      : cookie !== undefined
      ? sessions.find(cookie)
      : undefined;
    // While this one was looked at others may have failed: of many at once no more than of many in turn are answered.
    if (required && attempts.areTooMany(from)) return { refused: tooManyFailures() };
    if (who !== undefined) {
      // A browser adds the cookie by itself, so that it alone says nothing about who wanted the request.
      const unasked = cookie !== undefined && !SAFE_METHODS.has(method) && headers.get("origin") === null;
      return unasked ? { refused: withoutOrigin() } : { who };
    }
    if (!required) return { who: { kind: "anyone" } };
    // A cookie that has ended is sent on and on by the browser, and is no guess.
    if (cookie === undefined) attempts.failed(from);
    return { refused: unauthorized() };
  };
}

function bearerIn(headers: Headers): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
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

function withoutOrigin(): Response {
  const detail =
    'a write with a session\'s cookie needs an Origin, as browsers send it; programs send a token as "Bearer"';
  return problem({ type: "cross-site", title: "Forbidden", status: 403, detail });
}

/** By its name or its form, and the sender's own: what others' tokens are must not be found out in this way. */
function tokenInUrl({ headers }: Request, { href, searchParams, search }: URL): Response | undefined {
  const own = bearerIn(headers);
  const found = CREDENTIAL_PARAMETERS.some((name) => searchParams.has(name)) || holdsSecret(href) ||
    (own !== undefined && search.includes(own));
  if (!found) return undefined;
  const detail = 'a token in a URL ends up in logs; send it as "Authorization: Bearer …", and replace this one';
  return problem({ type: "token-in-url", title: "Bad Request", status: 400, detail });
}

function unauthorized(): Response {
  return problem({
    type: "unauthorized",
    title: "Unauthorized",
    status: 401,
    detail: 'send a token that counts as "Authorization: Bearer …"; "controller token create" makes one, ' +
      "and the first is in the file that --token-file names",
    headers: { "www-authenticate": 'Bearer realm="muster"' },
  });
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
