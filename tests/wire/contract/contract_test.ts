import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { CALLS } from "../../../lib/wire/contract/calls.ts";
import { CONTRACT } from "../../../lib/wire/contract/contract.ts";
import type { Operation } from "../../../lib/wire/contract/operation.ts";
import { mismatches } from "../../support/json_schema.ts";

const operations: [string, Operation][] = Object.entries(CONTRACT);

Deno.test("every body that is shown as an example would do, but for what people are to fill in", () => {
  for (const [name, { body }] of operations) {
    if (body === undefined || /[<…]/.test(body.example)) continue;
    assert(body.schema.safeParse(JSON.parse(body.example)).success, name);
  }
});

Deno.test("reads have no body, and take nothing to rehearse", () => {
  for (const [name, { body, query = {} }] of operations) {
    if (CALLS[name as keyof typeof CALLS][0] !== "GET") continue;
    assertEquals([body, "dry_run" in query], [undefined, false], name);
  }
});

Deno.test("a parameter takes what its JSON Schema says", () => {
  const parameters = operations.flatMap(([name, { query = {} }]) =>
    Object.entries(query).map(([parameter, rules]) => ({ name: `${name} ${parameter}`, rules }))
  );
  const texts = fc.oneof(fc.string(), fc.nat().map(String), fc.constantFrom("true", "out", "service", "-1", "1e3"));
  for (const { name, rules: { schema, fits } } of parameters) {
    fc.assert(
      fc.property(texts, (text) => {
        // Beyond the schema some short forms are taken: 1 for true, stdout for out.
        if (mismatches(schema, valueOf(text, schema)).length === 0) assert(fits(text), `${name}=${text}`);
      }),
      { numRuns: 200 },
    );
  }
});

/** A parameter's text as the value that it means. */
function valueOf(text: string, { type }: Readonly<Record<string, unknown>>): unknown {
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return type === "integer" && /^\d+$/.test(text) ? Number(text) : text;
}
