import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { parseJson } from "../../lib/wire/json.ts";

function detailOf(text: string): string {
  const result = parseJson(text);
  return result.ok ? "ok" : result.detail;
}

Deno.test("parseJson() refuses keys given twice, at any depth and however they are escaped", () => {
  for (const text of ['{"a":1,"a":1}', '[{"x":{"a":1,"b":2,"a":3}}]', '{"a":1,"\\u0061":2}']) {
    assertStringIncludes(detailOf(text), 'the key "a" is given twice');
  }
});

Deno.test("parseJson() refuses __proto__ as a key and takes it as a value", () => {
  assertStringIncludes(detailOf('{"__proto__":{"admin":true}}'), "__proto__");
  assertStringIncludes(detailOf('{"\\u005f_proto__":1}'), "__proto__");
  assertEquals(detailOf('{"a":"__proto__"}'), "ok");
});

Deno.test("parseJson() refuses a depth of 10,000 and takes one of 64", () => {
  assertStringIncludes(detailOf("[".repeat(10_000) + "]".repeat(10_000)), "64 levels");
  assertStringIncludes(detailOf('{"a":'.repeat(10_000) + "1" + "}".repeat(10_000)), "64 levels");
  assertEquals(detailOf("[".repeat(64) + "]".repeat(64)), "ok");
});

Deno.test("parseJson() says of an empty text that it is empty", () => {
  assertEquals(detailOf(" \n"), "it is empty");
});

Deno.test("parseJson() gives what JSON.parse gives for all other JSON", () => {
  fc.assert(fc.property(fc.json({ maxDepth: 8, noUnicodeString: false }), (text) => {
    const result = parseJson(text);
    if (result.ok) assertEquals(result.value, JSON.parse(text));
    else assertStringIncludes(result.detail, "__proto__");
  }));
});
