/**
 * A target without the path of its route, for replicas that see what follows only. Everything else stays byte for byte;
 * where that path isn't there literally, or what follows would lead out of it, there is no such target.
 * @module
 */
import { canonicalPath } from "./canonical_path.ts";

/** `prefix` is the route's canonical path, `path` the target's, which begins with it. */
export function strippedTarget(target: string, { prefix, path }: { prefix: string; path: string }): string | undefined {
  if (prefix === "/") return target;
  if (!target.startsWith(prefix)) return undefined;
  const rest = target.slice(prefix.length);
  if (rest === "" || rest.startsWith("?")) return `/${rest}`;
  // A replica could take "//name" for another host.
  if (!/^\/(?![/\\])/.test(rest)) return undefined;
  return canonicalPath(rest) === (path.slice(prefix.length) || "/") ? rest : undefined;
}
