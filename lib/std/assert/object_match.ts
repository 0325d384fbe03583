/**
 * assertObjectMatch(): the part of an object that matters. Both sides are reduced to the keys and
 * items that `expected` has, and then compared by assertEquals(); classes count for nothing.
 *
 * @module
 */
import { assertEquals } from "./equals.ts";

/** Throws unless `actual` has all that `expected` has, at any depth. */
export function assertObjectMatch(actual: object, expected: Record<PropertyKey, unknown>, msg?: string): void {
  assertEquals(reduceRoot(actual, expected), reduceRoot(expected, expected), msg);
}

type Seen = WeakMap<object, object>;

function reduceRoot(value: unknown, shape: object): object {
  if (!isObject(value)) {
    throw new TypeError(`Cannot assertObjectMatch ${value === null ? null : `type ${typeof value}`}`);
  }
  return reduceObject(value, shape, new WeakMap());
}

function reduce(value: unknown, shape: unknown, seen: Seen): unknown {
  if (!isObject(value) || !isObject(shape) || value instanceof RegExp || value instanceof Date) return value;
  if (value instanceof Map && shape instanceof Map) {
    return reduceMap(value, shape, seen);
  }
  if (value instanceof Set && shape instanceof Set) {
    return value.intersection(shape);
  }
  if (Array.isArray(value) && Array.isArray(shape)) {
    return reduceArray(value, shape, seen);
  }
  return reduceObject(value, shape, seen);
}

function reduceMap(map: Map<unknown, unknown>, shape: Map<unknown, unknown>, seen: Seen): Map<unknown, unknown> {
  const shared = map.entries().filter(([key]) => shape.has(key));
  return new Map(shared.map(([key, item]) => {
    const itemShape = shape.get(key);
    // The original holds a list in a Map to its length, and ignores what a Map, Date or RegExp in there says.
    const isList = Array.isArray(item) && isObject(itemShape);
    return [key, isList ? reduceObject(item, itemShape, seen) : reduce(item, itemShape, seen)];
  }));
}

function reduceArray(items: unknown[], shape: unknown[], seen: Seen): unknown[] {
  if (seen.get(items) === shape) return items;
  seen.set(items, shape);
  return items.slice(0, shape.length).map((item, index) => reduce(item, shape[index], seen));
}

function reduceObject(value: object, shape: object, seen: Seen): object {
  // A cycle that both sides share is compared by equal(), which knows cycles.
  if (seen.get(value) === shape) return value;
  seen.set(value, shape);
  const keys = Reflect.ownKeys(value);
  const shapeKeys = new Set(Reflect.ownKeys(shape));
  const shared = keys.filter((key) => shapeKeys.has(key));
  const isStranger = shared.length === 0 && shapeKeys.size > 0;
  // Of an object with no key in common everything is shown: an empty one would explain nothing.
  if (isStranger) return copy(keys, (key) => Reflect.get(value, key));
  return copy(shared, (key) => reduce(Reflect.get(value, key), Reflect.get(shape, key), seen));
}

/** Defines instead of assigning, so that a key named `__proto__` stays a key. */
function copy(keys: PropertyKey[], valueOf: (key: PropertyKey) => unknown): object {
  const result = {};
  for (const key of keys) {
    Object.defineProperty(result, key, {
      value: valueOf(key),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return result;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
