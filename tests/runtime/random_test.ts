import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { intBetween, seededRandom, systemRandom } from "../../lib/runtime/random.ts";

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function draw(seed: number, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.next());
}

Deno.test("seededRandom() gives the same numbers for the same seed, and others for another", () => {
  assertEquals(draw(42, 100), draw(42, 100));
  for (const other of [43, -42, 42 + 2 ** 32]) assertNotEquals(draw(42, 3), draw(other, 3));
});

Deno.test("seededRandom() stays in [0, 1) and fills ten bins evenly", () => {
  const bins = new Array<number>(10).fill(0);
  for (const value of draw(7, 100_000)) {
    assert(value >= 0 && value < 1);
    bins[Math.floor(value * 10)]! += 1;
  }
  for (const count of bins) assert(Math.abs(count - 10_000) < 500, `a bin holds ${count} of 10,000 expected`);
});

Deno.test("seededRandom() of neighbouring seeds has first numbers without pattern", () => {
  const firsts = Array.from({ length: 1_000 }, (_, seed) => seededRandom(seed).next());
  const mean = firsts.reduce((sum, value) => sum + value, 0) / firsts.length;
  assert(Math.abs(mean - 0.5) < 0.05, `the mean is ${mean}`);
  assertEquals(new Set(firsts).size, 1_000);
});

Deno.test("uuid() has the shape of version 4, seeded or not, and doesn't repeat", () => {
  const random = seededRandom(1);
  const ids = Array.from({ length: 1_000 }, () => random.uuid());
  for (const id of [...ids, systemRandom.uuid()]) assertMatch(id, UUID_V4);
  assertEquals(new Set(ids).size, 1_000);
});

Deno.test("intBetween() reaches both ends and nothing beyond", () => {
  const random = seededRandom(3);
  const drawn = new Set(Array.from({ length: 1_000 }, () => intBetween(random, { min: -2, max: 2 })));
  assertEquals([...drawn].toSorted((a, b) => a - b), [-2, -1, 0, 1, 2]);
});

Deno.test("intBetween() refuses an empty range and fractions", () => {
  assertThrows(() => intBetween(systemRandom, { min: 2, max: 1 }), RangeError, "min 2 and max 1");
  assertThrows(() => intBetween(systemRandom, { min: 0, max: 1.5 }), RangeError);
});
