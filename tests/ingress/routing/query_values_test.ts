import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { queryValues } from "../../../lib/ingress/routing/query_values.ts";

const QUERIES: readonly [target: string, values: Record<string, string[]>][] = [
  ["/", {}],
  ["/?", {}],
  ["/?a=1&b=2&a=3", { a: ["1", "3"], b: ["2"] }],
  ["/?a&b=&&=c", { a: [""], b: [""], "": ["c"] }],
  ["/?a=b=c?d", { a: ["b=c?d"] }],
  ["/?%61=%31+2%2B3", { a: ["1 2+3"] }],
  ["/?q=%C3%A9", { q: ["é"] }],
  ["/?q=%ff&r=%zz+", { q: ["%ff"], r: ["%zz+"] }],
  ["/?__proto__=x", Object.fromEntries([["__proto__", ["x"]]])],
];

for (const [target, values] of QUERIES) {
  Deno.test(`queryValues() reads ${target}`, () => {
    assertEquals([...queryValues(target)], Object.entries(values));
  });
}

Deno.test("queryValues() reads what a form has written", () => {
  const pairs = fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" })));
  fc.assert(fc.property(pairs, (sent) => {
    const values = queryValues(`/?${new URLSearchParams(sent)}`);
    for (const [name, value] of sent) assertEquals(values.get(name)?.includes(value), true);
    assertEquals([...values.values()].flat().length, sent.length);
  }));
});
