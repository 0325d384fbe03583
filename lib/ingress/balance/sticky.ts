/**
 * Stickiness: a cookie names the replica that answered a client first, and later requests go there for as long as it is
 * an endpoint. The cookie holds a hash of the replica's id, so that it tells nothing of the inside. When the replica is
 * gone, fails or is full, another one is chosen, and the cookie is set again.
 * @module
 */
import type { Route } from "../../cluster/route.ts";
import type { Fields } from "../../wire/http1/fields.ts";
import type { Candidate } from "./candidate.ts";
import { cookieValue } from "./cookie.ts";
import { hash32 } from "./hash.ts";

/** Services that share a host and a path, as canaries do, must not overwrite each other's choice. */
const NAME_PREFIX = "muster_";
const STICKY_NAME = /^[0-9a-f]{16}$/;

/** Of the two halves of a sticky name. */
const SEEDS = [0x5bd1e995, 0x1b56c4e9] as const;

/** The cookie of a route: what it is called and where it holds. */
export interface StickyCookie {
  readonly name: string;
  readonly path: string;
}

/** The cookie that keeps a client of this service at its replica; undefined when the route isn't sticky. */
export function stickyCookieOf(route: Route, service: string): StickyCookie | undefined {
  if (route.sticky === false) return undefined;
  const name = route.sticky === true ? NAME_PREFIX + hex(hash32(service)) : route.sticky.cookie;
  return { name, path: route.path };
}

/** What a request's cookie calls its replica; undefined without one that this ingress can have set. */
export function readStickyName(fields: Fields, { name }: StickyCookie): string | undefined {
  const value = cookieValue(fields, name);
  return value !== undefined && STICKY_NAME.test(value) ? value : undefined;
}

/** The value of a `Set-Cookie` for an answer of this replica. Without an end: it lasts as long as the browser's session. */
export function setStickyCookie(
  { name, path }: StickyCookie,
  { stickyName }: Candidate,
  { overTls }: { overTls: boolean },
): string {
  // A semicolon is legal in a path, but would end the attribute; the whole host is then the next best.
  const within = path.includes(";") ? "/" : path;
  return `${name}=${stickyName}; Path=${within}; HttpOnly; SameSite=Lax${overTls ? "; Secure" : ""}`;
}

/** 64 bits of hash in hexadecimal digits. */
export function stickyNameOf(replica: string): string {
  return hex(hash32(replica, SEEDS[0])) + hex(hash32(replica, SEEDS[1]));
}

function hex(hash: number): string {
  return hash.toString(16).padStart(8, "0");
}
