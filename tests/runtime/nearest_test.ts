import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { editDistance, nearest } from "../../lib/runtime/nearest.ts";

const FLAGS = ["host", "port", "data", "label", "controller", "health-interval"];

Deno.test("nearest() finds the word behind a slip", () => {
  const slips = { prot: "port", hots: "host", lable: "label", PORT: "port", "heath-intervall": "health-interval" };
  for (const [slip, meant] of Object.entries(slips)) assertEquals(nearest(slip, FLAGS), meant, slip);
});

Deno.test("nearest() offers nothing when nothing is close", () => {
  for (const word of ["", "x", "replicas", "x".repeat(10_000)]) assertEquals(nearest(word, FLAGS), undefined);
});

Deno.test("nearest() prefers the first of equally close words", () => {
  assertEquals(nearest("bat", ["cat", "hat"]), "cat");
});

Deno.test("editDistance() counts a swap of neighbours as one edit", () => {
  assertEquals(editDistance("ab", "ba"), 1);
  assertEquals(editDistance("kitten", "sitting"), 3);
  assertEquals(editDistance("", "abc"), 3);
});

Deno.test("editDistance() is symmetric, zero for equals only, and exact below any limit", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(fc.property(word, word, fc.integer({ min: 1, max: 9 }), (a, b, limit) => {
    const exact = editDistance(a, b);
    assertEquals(exact, editDistance(b, a));
    assertEquals(exact === 0, a === b);
    const bounded = editDistance(a, b, { limit });
    assertEquals(bounded < limit ? bounded : limit, Math.min(exact, limit));
  }));
});
