/**
 * Which service a request goes to, and by which of its routes. Each worker has a table of its own, and is told a service
 * at a time; the engine asks it once per request. The host counts most (exact, then the longest wildcard, then none),
 * then the longest path, then how much a route asks for (`rank.ts`); where nothing fits, the next best is tried.
 * @module
 */
import { type Route, ROUTE_USUAL } from "../../cluster/route.ts";
import type { Fields } from "../../wire/http1/fields.ts";
import { canonicalPath } from "./canonical_path.ts";
import { type CompiledRoute, compileRoute } from "./compiled_route.ts";
import { conditionsOf, RequestTraits } from "./condition.ts";
import { hostName } from "./host_name.ts";
import { redirectLocation, secureLocation } from "./location.ts";
import { isVacant, nearestPlace, type Place, ranksAt, rootPlace, settle, unsettle } from "./path_tree.ts";
import { type Candidate, drawn } from "./rank.ts";
import { strippedTarget } from "./stripped_target.ts";

export interface RouteTableOptions {
  /** Gets what matches nothing, as long as it has no routes of its own. */
  defaultService: string;
  /** Where clients reach this ingress over TLS; 443 unless given. */
  httpsPort?: number;
}

/** What of a request decides about its way. */
export interface Question {
  readonly authority: string;
  /** Path and query as they were sent. */
  readonly path: string;
  readonly fields: Fields;
  readonly isTls: boolean;
}

export type Match =
  /** `target` is what the replica gets. */
  | { readonly kind: "forward"; readonly service: string; readonly route: CompiledRoute; readonly target: string }
  | { readonly kind: "redirect"; readonly status: 301 | 302 | 307 | 308; readonly location: string }
  /** The request can be understood in two ways, or not be followed: 400. */
  | { readonly kind: "ambiguous"; readonly detail: string }
  | { readonly kind: "none" };

interface Settled {
  readonly candidate: Candidate;
  readonly place: Place;
}

const NONE: Match = { kind: "none" };
const HTTPS_PORT = 443;

export class RouteTable {
  #httpsPort: number;
  #usual: CompiledRoute;
  #byHost = new Map<string, Place>();
  /** By what follows the star, with its dot. */
  #byWildcard = new Map<string, Place>();
  #withoutHost = rootPlace();
  #settled = new Map<string, readonly Settled[]>();

  constructor({ defaultService, httpsPort = HTTPS_PORT }: RouteTableOptions) {
    this.#httpsPort = httpsPort;
    this.#usual = compileRoute(defaultService, ROUTE_USUAL);
  }

  /** Replaces the routes of a service. Only the paths are touched that it had or has routes for. */
  set(service: string, routes: readonly Route[]): void {
    this.delete(service);
    if (routes.length === 0) return;
    const settled = routes.map((route) => {
      const candidate = { compiled: compileRoute(service, route), ...conditionsOf(route) };
      return { candidate, place: settle(this.#rootFor(route.host), canonicalPath(route.path), candidate) };
    });
    this.#settled.set(service, settled);
  }

  delete(service: string): void {
    for (const { candidate, place } of this.#settled.get(service) ?? []) {
      unsettle(place, candidate);
      this.#removeIfVacant(candidate.compiled.route.host);
    }
    this.#settled.delete(service);
  }

  /** `chance` gives numbers from 0 to below 1; it is asked only where weights decide. */
  match(question: Question, chance: () => number): Match {
    const host = hostName(question.authority);
    const path = canonicalPath(question.path);
    const found = this.#find(host, { path, traits: new RequestTraits(question), chance });
    if (found === "nobody") return NONE;
    if (found !== undefined) return this.#way(found, question, { host, path });
    return this.#settled.has(this.#usual.service) ? NONE : this.#way(this.#usual, question, { host, path });
  }

  #find(host: string, search: Search): Found {
    const exact = this.#byHost.get(host);
    let found = exact && bestOf(exact, search);
    if (found === undefined && this.#byWildcard.size > 0) found = this.#findByWildcard(host, search);
    return found ?? bestOf(this.#withoutHost, search);
  }

  #findByWildcard(host: string, search: Search): Found {
    for (let dotAt = host.indexOf(".", 1); dotAt >= 0; dotAt = host.indexOf(".", dotAt + 1)) {
      const root = this.#byWildcard.get(host.slice(dotAt));
      const found = root && bestOf(root, search);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #way(compiled: CompiledRoute, question: Question, { host, path }: { host: string; path: string }): Match {
    const { route, service } = compiled;
    const target = question.path.startsWith("/") || question.path === "*" ? question.path : `/${question.path}`;
    if (route.https === "redirect" && !question.isTls) {
      return redirect(308, secureLocation(target, { host, port: this.#httpsPort }));
    }
    if (route.redirect !== undefined) {
      return redirect(route.redirect.status, redirectLocation(route.redirect.to, target));
    }
    if (!route.strip) return { kind: "forward", service, route: compiled, target };
    const stripped = strippedTarget(target, { prefix: canonicalPath(route.path), path });
    if (stripped !== undefined) return { kind: "forward", service, route: compiled, target: stripped };
    const detail = `the path must begin with ${route.path} as it is written here, and lead nowhere out of it`;
    return { kind: "ambiguous", detail };
  }

  #rootFor(pattern: string | undefined): Place {
    if (pattern === undefined) return this.#withoutHost;
    const { roots, key } = this.#rootsFor(pattern);
    const root = roots.get(key) ?? rootPlace();
    roots.set(key, root);
    return root;
  }

  #removeIfVacant(pattern: string | undefined): void {
    if (pattern === undefined) return;
    const { roots, key } = this.#rootsFor(pattern);
    const root = roots.get(key);
    if (root !== undefined && isVacant(root)) roots.delete(key);
  }

  #rootsFor(pattern: string): { roots: Map<string, Place>; key: string } {
    return pattern.startsWith("*.")
      ? { roots: this.#byWildcard, key: pattern.slice(1) }
      : { roots: this.#byHost, key: pattern };
  }
}

type Found = CompiledRoute | "nobody" | undefined;

interface Search {
  readonly path: string;
  readonly traits: RequestTraits;
  readonly chance: () => number;
}

/** The route of the longest path on which one fits. */
function bestOf(root: Place, search: Search): Found {
  for (let place: Place | undefined = nearestPlace(root, search.path); place !== undefined; place = place.parent) {
    const found = drawn(ranksAt(place), search);
    if (found !== undefined) return found;
  }
  return undefined;
}

function redirect(status: 301 | 302 | 307 | 308, location: string | undefined): Match {
  if (location !== undefined) return { kind: "redirect", status, location };
  return { kind: "ambiguous", detail: "the host or the path can't be named in a redirect" };
}
