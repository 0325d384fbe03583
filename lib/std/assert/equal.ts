/**
 * equal(): the deep equality under assertEquals() and its kin. It differs from `node:assert` where
 * the original does: 0 equals -0, plain objects and arrays are compared by their enumerable keys only, instances
 * by everything that can be read from them, and a key that is missing differs from one that is undefined.
 *
 * @module
 */

/** Pairs of objects on the way to here: a pair that comes up again lies on a cycle. */
type Seen = Map<object, object>;

const TypedArray: abstract new () => ArrayLike<number | bigint> = Object
  .getPrototypeOf(Uint8Array);

/** Prototypes whose instances say all about themselves in their text. */
const TEXTUAL: ReadonlySet<object> = new Set([
  RegExp.prototype,
  URL.prototype,
  URLSearchParams.prototype,
  Intl.Locale.prototype,
  ...temporalPrototypes(),
]);

/** Whether two values are deeply equal. Throws a TypeError for a WeakMap or WeakSet, which can't be read. */
export function equal(a: unknown, b: unknown): boolean {
  return compare(a, b, new Map());
}

function compare(a: unknown, b: unknown, seen: Seen): boolean {
  if (isSame(a, b)) return true;
  // Functions are equal only to themselves.
  if (!isObject(a) || !isObject(b)) return false;
  if (a instanceof Date && b instanceof Date) {
    return isSame(a.getTime(), b.getTime());
  }
  if (plainPrototypeOf(a) !== plainPrototypeOf(b)) return false;
  if (a instanceof WeakMap || a instanceof WeakSet) {
    throw new TypeError(`Cannot compare ${a instanceof WeakMap ? "WeakMap" : "WeakSet"} instances`);
  }
  if (a instanceof TypedArray && b instanceof TypedArray) {
    return compareItems(a, b);
  }
  if (isBuffer(a) && isBuffer(b)) {
    return compareItems(new Uint8Array(a), new Uint8Array(b));
  }
  if (a instanceof WeakRef && b instanceof WeakRef) {
    return compare(a.deref(), b.deref(), seen);
  }
  if (TEXTUAL.has(Object.getPrototypeOf(a))) return String(a) === String(b);

  if (seen.get(a) === b) return true;
  if (Object.keys(a).length !== Object.keys(b).length) return false;
  seen.set(a, b);
  if (a instanceof Set && b instanceof Set) return compareSets(a, b, seen);
  if (a instanceof Map && b instanceof Map) return compareMaps(a, b, seen);
  return compareKeys(a, b, seen);
}

function compareItems(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  return a.length === b.length &&
    Array.prototype.every.call(a, (item, index) => isSame(item, b[index]));
}

function compareSets(a: Set<unknown>, b: Set<unknown>, seen: Seen): boolean {
  if (a.size !== b.size) return false;
  return a.values().every((item) => b.has(item) || isObject(item) && b.values().some((it) => compare(item, it, seen)));
}

/** Keys may be objects, and then any key of `b` that is deeply equal will do. */
function compareMaps(a: Map<unknown, unknown>, b: Map<unknown, unknown>, seen: Seen): boolean {
  if (a.size !== b.size) return false;
  return a.entries().every(([key, value]) => {
    if (!isObject(key)) return b.has(key) && compare(value, b.get(key), seen);
    return b.entries().some(([other, otherValue]) => compare(key, other, seen) && compare(value, otherValue, seen));
  });
}

function compareKeys(a: object, b: object, seen: Seen): boolean {
  const isPlain = isPlainPrototype(plainPrototypeOf(a));
  const keys = isPlain ? Reflect.ownKeys({ ...a, ...b }) : readableKeys(a).union(readableKeys(b));
  return keys.values().every((key) => key in a && key in b && compare(Reflect.get(a, key), Reflect.get(b, key), seen));
}

/** Own and inherited keys, enumerable or not: getters of a class are part of what an instance is. */
function readableKeys(object: object): Set<PropertyKey> {
  const keys = new Set<PropertyKey>();
  for (let at: object | null = object; at !== null && !isPlainPrototype(at); at = Object.getPrototypeOf(at)) {
    for (const key of Reflect.ownKeys(at)) keys.add(key);
  }
  return keys;
}

function isPlainPrototype(prototype: object): boolean {
  return prototype === Object.prototype || prototype === Array.prototype;
}

/** An object without a prototype counts as a plain one. */
function plainPrototypeOf(object: object): object {
  return Object.getPrototypeOf(object) ?? Object.prototype;
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isBuffer(value: object): value is ArrayBuffer | SharedArrayBuffer {
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
}

/** Temporal is unstable before Deno 2.8: what isn't there needs no comparing. */
function temporalPrototypes(): object[] {
  const temporal: unknown = Reflect.get(globalThis, "Temporal");
  if (!isObject(temporal)) return [];
  return Object.getOwnPropertyNames(temporal)
    .map((name): unknown => Reflect.get(temporal, name))
    .filter((type) => typeof type === "function")
    .map((type): object => type.prototype);
}
