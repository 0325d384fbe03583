/**
 * The contract of @std/assert as far as Muster uses it. `deno task check:jsr` runs this file on the original too, so
 * messages are compared without colours, and differences only where there is one way to draw them.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  equal,
  fail,
  unreachable,
} from "@std/assert";
import { assertEquals as assertEqualsOfSubpath } from "@std/assert/equals";

/** The message of a failed assertion, without colours. Written without assertThrows(), which is under test itself. */
function messageOf(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    if (error instanceof AssertionError) return stripVTControlCharacters(error.message);
    throw error;
  }
  throw new Error("Cannot read the message: the assertion passed");
}

async function rejectionOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  return messageOf(() => {
    throw error;
  });
}

class Point {
  #x: number;
  constructor(x: number) {
    this.#x = x;
  }
  get x(): number {
    return this.#x;
  }
}

const EQUAL: Record<string, [unknown, unknown]> = {
  "0 and -0": [0, -0],
  "NaN and NaN": [NaN, NaN],
  "objects whatever the order of their keys": [{ a: 1, b: [2] }, { b: [2], a: 1 }],
  "an object without a prototype and a plain one": [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  "dates of one time": [new Date(5), new Date(5)],
  "patterns": [/a/g, /a/g],
  "URLs": [new URL("http://a/b"), new URL("http://a/b")],
  "bytes": [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  "buffers": [new Uint8Array([1]).buffer, new Uint8Array([1]).buffer],
  "sets in any order": [new Set([1, { a: 1 }]), new Set([{ a: 1 }, 1])],
  "maps with objects for keys": [new Map([[{ a: 1 }, [1]]]), new Map([[{ a: 1 }, [1]]])],
  "instances by their getters": [new Point(1), new Point(1)],
};

const DIFFERENT: Record<string, [unknown, unknown]> = {
  "a missing key and an undefined one": [{ a: undefined }, {}],
  "undefined under different keys": [{ a: undefined }, { b: undefined }],
  "a hole and undefined": [[, 1], [undefined, 1]],
  "1 and '1'": [1, "1"],
  "null and undefined": [null, undefined],
  "null and an object": [null, {}],
  "an array and an object": [[], {}],
  "an instance and a plain object": [new Point(1), { x: 1 }],
  "instances that differ by a getter": [new Point(1), new Point(2)],
  "two functions": [() => 1, () => 1],
  "dates": [new Date(5), new Date(6)],
  "patterns by their flags": [/a/g, /a/],
  "bytes": [new Uint8Array([1]), new Uint8Array([2])],
  "bytes of different types": [new Uint8Array([1]), new Int8Array([1])],
  "sets": [new Set([1]), new Set([2])],
  "maps": [new Map([["a", 1]]), new Map([["a", 2]])],
  "errors by their class": [new Error("a"), new TypeError("a")],
};

for (const [name, [a, b]] of Object.entries(EQUAL)) {
  Deno.test(`equal() takes ${name} for equal`, () => assert(equal(a, b) && equal(b, a)));
}
for (const [name, [a, b]] of Object.entries(DIFFERENT)) {
  Deno.test(`equal() tells ${name} apart`, () => assertFalse(equal(a, b) || equal(b, a)));
}

Deno.test("equal() follows cycles", () => {
  const ring = (value: number) => {
    const object: Record<string, unknown> = { value };
    object.self = object;
    return object;
  };
  assert(equal(ring(1), ring(1)));
  assertFalse(equal(ring(1), ring(2)));
});

Deno.test("equal() refuses weak collections, which cannot be read", () => {
  assertThrows(() => equal(new WeakMap(), new WeakMap()), TypeError, "Cannot compare WeakMap instances");
  assertThrows(() => equal(new WeakSet(), new WeakSet()), TypeError, "Cannot compare WeakSet instances");
});

Deno.test("AssertionError is an Error with a name and a cause", () => {
  const error = new AssertionError("no", { cause: 1 });
  assert(error instanceof Error);
  assertEquals([error.name, error.message, error.cause], ["AssertionError", "no", 1]);
});

Deno.test("assert() and assertFalse() judge truth and carry the message alone", () => {
  assert("yes");
  assertFalse(0);
  assertEquals(messageOf(() => assert("")), "");
  assertEquals(messageOf(() => assert(null, "lost")), "lost");
  assertEquals(messageOf(() => assertFalse(1, "lost")), "lost");
});

Deno.test("assertEquals() draws the difference line by line", () => {
  const expected = "Values are not equal.\n\n\n    [Diff] Actual / Expected\n\n\n" +
    "    [\n      1,\n-     2,\n+     4,\n      3,\n    ]\n";
  assertEquals(messageOf(() => assertEquals([1, 2, 3], [1, 4, 3])), expected);
});

Deno.test("assertEquals() spells out the control characters of strings", () => {
  const expected = "Values are not equal: why\n\n\n    [Diff] Actual / Expected\n\n\n" +
    "    a\\n\n-   \\tb\\\\\n+   c\n\n";
  assertEquals(messageOf(() => assertEquals("a\n\tb\\", "a\nc", "why")), expected);
});

Deno.test("assertEquals() can be imported by its own path", () => {
  assertStrictEquals(assertEqualsOfSubpath, assertEquals);
});

Deno.test("assertNotEquals() shows both values", () => {
  assertNotEquals({ a: 1 }, { a: 2 });
  assertEquals(messageOf(() => assertNotEquals(1, 1)), "Expected actual: 1 not to be: 1.");
  assertEquals(messageOf(() => assertNotEquals("a", "a", "why")), 'Expected actual: "a" not to be: "a": why');
});

Deno.test("assertStrictEquals() wants the very same value", () => {
  assertStrictEquals(NaN, NaN);
  assertStringIncludes(messageOf(() => assertStrictEquals(1, 2, "why")), "Values are not strictly equal: why\n");
  assertEquals(
    messageOf(() => assertStrictEquals({ a: 1 }, { a: 1 })),
    "Values have the same structure but are not reference-equal.\n\n    {\n      a: 1,\n    }\n",
  );
});

Deno.test("assertExists() refuses null and undefined only", () => {
  assertExists(0);
  assertExists("");
  assertEquals(messageOf(() => assertExists(null)), 'Expected actual: "null" to not be null or undefined.');
  assertEquals(
    messageOf(() => assertExists(undefined, "x")),
    'Expected actual: "undefined" to not be null or undefined: x',
  );
});

Deno.test("assertMatch() and assertStringIncludes() quote both sides", () => {
  assertMatch("abc", /b/);
  assertStringIncludes("abc", "b");
  assertEquals(messageOf(() => assertMatch("abc", /d/g)), 'Expected actual: "abc" to match: "/d/g".');
  assertEquals(messageOf(() => assertStringIncludes("abc", "d", "x")), 'Expected actual: "abc" to contain: "d": x');
});

Deno.test("assertArrayIncludes() compares deeply and names what is missing", () => {
  assertArrayIncludes([{ a: 1 }, 2, NaN], [NaN, { a: 1 }]);
  assertEquals(
    messageOf(() => assertArrayIncludes([1], [1, 2])),
    'Expected actual: "[\n  1,\n]" to include: "[\n  1,\n  2,\n]".\nmissing: [\n  2,\n]',
  );
});

Deno.test("assertInstanceOf() says what the value is instead", () => {
  assertInstanceOf(new TypeError(), Error);
  const complaint = 'Expected object to be an instance of "Point"';
  assertEquals(messageOf(() => assertInstanceOf(new Date(), Point)), `${complaint} but was "Date".`);
  assertEquals(messageOf(() => assertInstanceOf(null, Point)), `${complaint} but was "null".`);
  assertEquals(messageOf(() => assertInstanceOf(1, Point, "x")), `${complaint} but was "number": x`);
  assertEquals(messageOf(() => assertInstanceOf(Point, Point)), `${complaint} but was not an instanced object.`);
});

Deno.test("assertThrows() returns what was thrown", () => {
  const error = new RangeError("too far");
  const toss = (value: unknown) => () => {
    throw value;
  };
  assertStrictEquals(assertThrows(toss(error)), error);
  assertStrictEquals(assertThrows(toss(error), RangeError, "far"), error);
  assertStrictEquals(assertThrows(toss(1)), 1);
  assertThrows(toss(new Error("\x1b[31mred\x1b[39m blue")), Error, "red blue");

  assertEquals(messageOf(() => assertThrows(() => 1)), "Expected function to throw.");
  assertEquals(messageOf(() => assertThrows(() => 1, "x")), "Expected function to throw: x");
  assertEquals(messageOf(() => assertThrows(toss(1), Error)), "A non-Error object was thrown.");
  assertEquals(
    messageOf(() => assertThrows(toss(error), TypeError, "far", "x")),
    'Expected error to be instance of "TypeError", but was "RangeError": x',
  );
  assertEquals(
    messageOf(() => assertThrows(toss(error), Error, "near")),
    'Expected error message to include "near", but got "too far".',
  );
});

Deno.test("assertRejects() resolves to what was rejected", async () => {
  const error = new RangeError("too far");
  assertStrictEquals(await assertRejects(() => Promise.reject(error)), error);
  assertStrictEquals(await assertRejects(() => Promise.reject(error), RangeError, "far"), error);
  assertInstanceOf(
    await assertRejects(() => Promise.reject(new DOMException("no", "AbortError")), DOMException),
    Error,
  );

  assertEquals(await rejectionOf(assertRejects(async () => {})), "Expected function to reject.");
  assertEquals(await rejectionOf(assertRejects(() => Promise.reject(1), Error)), "A non-Error object was rejected.");
  assertEquals(
    await rejectionOf(assertRejects(() => Promise.reject(error), TypeError, "far", "x")),
    'Expected error to be instance of "TypeError", but was "RangeError": x',
  );
});

Deno.test("assertRejects() tells a throw from a rejection", async () => {
  const throwing = () => {
    throw new Error("at once");
  };
  assertEquals(await rejectionOf(assertRejects(throwing)), "Function throws when expected to reject.");
});

Deno.test("the comparisons hold at their borders", () => {
  assertGreater(2, 1);
  assertGreaterOrEqual(1, 1);
  assertLess(1n, 2n);
  assertLessOrEqual("a", "a");
  assertEquals(messageOf(() => assertGreater(1, 1)), "Expect 1 > 1");
  assertEquals(messageOf(() => assertGreaterOrEqual(0, 1)), "Expect 0 >= 1");
  assertEquals(messageOf(() => assertLess("b", "a")), 'Expect "b" < "a"');
  assertEquals(messageOf(() => assertLessOrEqual(2, NaN, "alone")), "alone");
});

Deno.test("assertAlmostEquals() allows a relative error, or the tolerance given", () => {
  assertAlmostEquals(0.1 + 0.2, 0.3);
  assertAlmostEquals(1e9 + 1, 1e9);
  assertAlmostEquals(Infinity, Infinity);
  assertAlmostEquals(10, 11, 1);
  assertEquals(
    messageOf(() => assertAlmostEquals(1, 1.5, 0.25)),
    'Expected actual: "1" to be close to "1.5e+0": delta "5e-1" is greater than "2.5e-1".',
  );
});

Deno.test("assertObjectMatch() looks at the expected part only", () => {
  const actual = {
    a: 1,
    b: { c: [1, { d: 2, e: 3 }, 4], f: new Map([["g", { h: 1, i: 2 }]]) },
    j: new Point(1),
    k: /a/,
  };
  assertObjectMatch(actual, { b: { c: [1, { d: 2 }] } });
  assertObjectMatch(actual, { b: { f: new Map([["g", { h: 1 }]]) }, j: {}, k: /a/ });
  assertObjectMatch(actual, {});
  const message = messageOf(() => assertObjectMatch(actual, { a: 2 }, "x"));
  assertStringIncludes(message, "Values are not equal: x\n");
  assertStringIncludes(message, "-     a: 1,\n+     a: 2,\n");
  messageOf(() => assertObjectMatch(actual, { k: /b/ }));
  messageOf(() => assertObjectMatch(actual, { z: 1 }));
  messageOf(() => assertObjectMatch({ list: [1] }, { list: [1, 2] }));
});

Deno.test("assertObjectMatch() follows cycles", () => {
  const ring: Record<string, unknown> = { value: 1, more: 2 };
  ring.self = ring;
  const expected: Record<string, unknown> = { value: 1 };
  assertObjectMatch(ring, { ...expected, self: { value: 1 } });
});

Deno.test("fail() and unreachable() always throw", () => {
  assertEquals(messageOf(() => fail()), "Failed assertion.");
  assertEquals(messageOf(() => fail("x")), "Failed assertion: x");
  assertEquals(messageOf(() => unreachable()), "Unreachable.");
  assertEquals(messageOf(() => unreachable("x")), "Unreachable: x");
});
