/**
 * Values under dotted names, as in `--tls.cert=a.pem`: one object per dot. Used by parseArgs() to fill
 * its result; names that would reach into a prototype are ignored.
 *
 * @module
 */

/** An object that grows while the arguments are read. */
export type Nested = { [key: string]: unknown };

/** Sets a value, or adds it to the list that is there when `collect` is set. */
export function setDotted(root: Nested, name: string, value: unknown, options: { collect?: boolean } = {}): void {
  const path = name.split(".");
  const last = path.pop() ?? "";
  let object = root;
  for (const key of path) {
    if (reachesPrototype(object, key)) return;
    object = (object[key] ??= {}) as Nested;
  }
  if (reachesPrototype(object, last)) return;
  object[last] = options.collect ? append(object[last], value) : value;
}

/** Whether there is a value, even an undefined one. */
export function hasDotted(root: Nested, name: string): boolean {
  let at: unknown = root;
  for (const key of name.split(".")) {
    if (at === undefined || at === null || !Object.hasOwn(at, key)) {
      return false;
    }
    at = (at as Nested)[key];
  }
  return true;
}

function append(list: unknown, value: unknown): unknown[] {
  if (Array.isArray(list)) return [...list, value];
  return list ? [list, value] : [value];
}

function reachesPrototype(object: Nested, key: string): boolean {
  return key === "__proto__" || (key === "constructor" && typeof object[key] === "function");
}
