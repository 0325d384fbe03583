/**
 * As much of JSON Schema as the schema of specs needs: what is wrong with a value, in words. Keywords that it doesn't
 * know fail the test that meets them, so that nothing passes because it was not looked at.
 * @module
 */

type Schema = Record<string, unknown>;

const ANNOTATIONS = new Set(["$schema", "$id", "title", "description", "default", "format"]);

export function mismatches(schema: Schema, value: unknown, path = ""): string[] {
  return Object.entries(schema).flatMap(([keyword, rule]) =>
    ANNOTATIONS.has(keyword) || holds(schema, { keyword, rule, value, path }) ? [] : [`${path}: ${keyword}`]
  ).concat(isRecord(value) ? inner(schema, value, path) : [])
    .concat(Array.isArray(value) && isRecord(schema.items) ? innerItems(schema.items, value, path) : []);
}

interface Question {
  keyword: string;
  rule: unknown;
  value: unknown;
  path: string;
}

function holds(schema: Schema, { keyword, rule, value, path }: Question): boolean {
  switch (keyword) {
    case "type":
      return typesOf(value).includes(String(rule));
    case "anyOf":
      return (rule as Schema[]).some((one) => mismatches(one, value, path).length === 0);
    case "enum":
      return (rule as unknown[]).includes(value);
    case "const":
      return rule === value;
    case "pattern":
      return typeof value !== "string" || new RegExp(String(rule)).test(value);
    case "minimum":
      return typeof value !== "number" || value >= Number(rule);
    case "maximum":
      return typeof value !== "number" || value <= Number(rule);
    case "minLength":
      return typeof value !== "string" || value.length >= Number(rule);
    case "maxLength":
      return typeof value !== "string" || value.length <= Number(rule);
    case "minItems":
      return !Array.isArray(value) || value.length >= Number(rule);
    case "maxItems":
      return !Array.isArray(value) || value.length <= Number(rule);
    case "required":
      return !isRecord(value) || (rule as string[]).every((name) => Object.hasOwn(value, name));
    case "propertyNames":
      return !isRecord(value) || Object.keys(value).every((name) => mismatches(rule as Schema, name).length === 0);
    case "additionalProperties":
      return rule !== false || !isRecord(value) ||
        Object.keys(value).every((name) => Object.hasOwn(schema.properties as object, name));
    case "properties":
    case "items":
      return true;
    default:
      throw new Error(`Cannot check a schema: the keyword "${keyword}" is not known here; add it`);
  }
}

function inner(schema: Schema, value: Schema, path: string): string[] {
  const { properties, additionalProperties } = schema as Record<string, Record<string, Schema> | undefined>;
  return Object.entries(value).flatMap(([name, field]) => {
    const rule = properties?.[name] ?? additionalProperties;
    return isRecord(rule) ? mismatches(rule, field, `${path}/${name}`) : [];
  });
}

function innerItems(schema: Schema, items: unknown[], path: string): string[] {
  return items.flatMap((item, at) => mismatches(schema, item, `${path}/${at}`));
}

function typesOf(value: unknown): string[] {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  return typeof value === "number" && Number.isInteger(value) ? ["number", "integer"] : [typeof value];
}

function isRecord(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
