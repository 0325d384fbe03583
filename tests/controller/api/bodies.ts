/**
 * Bodies at random out of a JSON Schema of the API page: such as it takes, and such as somebody mistyped.
 * @module
 */
import fc from "fast-check";
import { referredTo } from "../../../lib/controller/api/openapi/components.ts";
import type { JsonSchema } from "../../../lib/controller/api/openapi/json_schema.ts";

type Schemas = Readonly<Record<string, JsonSchema>>;

const ITEMS_MAX = 5;
const JUNK = fc.oneof(fc.constant(null), fc.boolean(), fc.double(), fc.integer(), fc.string(), fc.array(fc.nat()));

/** Values of which many are as the schema says and many are not quite. */
export function bodiesOf(schema: JsonSchema, schemas: Schemas): fc.Arbitrary<unknown> {
  const right = fitting(schema, schemas);
  const wrong = fc.tuple(right, fc.string(), JUNK, fc.nat()).map(([value, key, junk, at]) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return junk;
    const keys = Object.keys(value);
    const changed = keys[at % (keys.length + 1)] ?? key;
    return Object.fromEntries([...Object.entries(value), [changed, junk]]);
  });
  return fc.oneof(right, wrong);
}

function fitting(schema: JsonSchema, schemas: Schemas): fc.Arbitrary<unknown> {
  const name = referredTo(schema);
  if (name !== undefined) return fitting(schemas[name] ?? {}, schemas);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => fitting(one as JsonSchema, schemas)));
  switch (schema.type) {
    case "object": {
      const fields = Object.entries(schema.properties ?? {});
      const arbitraries = fields.map(([field, inner]) => [field, fitting(inner as JsonSchema, schemas)] as const);
      return fc.record(Object.fromEntries(arbitraries), { requiredKeys: schema.required ?? [] });
    }
    case "array": {
      const { minItems = 0, maxItems = ITEMS_MAX } = schema;
      return fc.array(fitting(schema.items as JsonSchema, schemas), {
        minLength: minItems,
        maxLength: Math.min(maxItems, ITEMS_MAX),
      });
    }
    case "integer":
      return fc.maxSafeInteger().map((n) => within(n, schema));
    case "string":
      return schema.pattern === undefined
        ? fc.string({ minLength: schema.minLength ?? 0 })
        : fc.stringMatching(new RegExp(schema.pattern));
    default:
      throw new Error(`Cannot make a value: the type "${schema.type}" is not known here; add it`);
  }
}

/** The number if it is within the schema's limits, or else one that is. */
function within(
  n: number,
  { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: JsonSchema,
): number {
  return n >= minimum && n <= maximum ? n : minimum + Math.abs(n) % (Math.min(maximum - minimum, 1_000_000) + 1);
}
