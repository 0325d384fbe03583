/**
 * Where a redirect leads. A request gives its path and query, and over TLS its host, but never the way to another host:
 * each of them is checked, or begins after what the operator wrote. Undefined stands for what no Location may hold.
 * @module
 */

/** Stricter than what Host may hold: no percent signs, no separators. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9._~-]+)$/;
const VISIBLE = /^[\x21-\x7e]*$/;
const HTTPS_PORT = 443;

/** The same target on the same host, over TLS. */
export function secureLocation(target: string, { host, port }: { host: string; port: number }): string | undefined {
  if (!HOST.test(host)) return undefined;
  const origin = port === HTTPS_PORT ? `https://${host}` : `https://${host}:${port}`;
  return visible(`${origin}${pathOf(target)}`);
}

/** What an operator's `to` means for a target: without a path it keeps the request's, with its query. */
export function redirectLocation(to: string, target: string): string | undefined {
  const [, origin, path = ""] = /^(https?:\/\/[^/]+)?(.*)$/s.exec(to) ?? [];
  if (origin === undefined) return visible(path.replace(/^[/\\]*/, "/"));
  return visible(`${origin}${path === "" ? pathOf(target) : path}`);
}

/** A target's path and query, which begin with the slash that ends a host. */
function pathOf(target: string): string {
  if (target === "*") return "/";
  return target.startsWith("/") ? target : `/${target}`;
}

function visible(location: string): string | undefined {
  return VISIBLE.test(location) ? location : undefined;
}
