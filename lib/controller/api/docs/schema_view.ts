/**
 * A JSON Schema for people: a list of fields, each with its type in words, its limits and, where it has fields itself,
 * those below it. What has a name is shown once, in a chapter of its own, and linked from everywhere else.
 * @module
 */
import { referredTo } from "../openapi/components.ts";
import type { JsonSchema } from "../openapi/json_schema.ts";
import { type Markup, markup, prose } from "./markup.ts";

type Schemas = Readonly<Record<string, JsonSchema>>;

const PATTERN_SHOWN_MAX = 60;

/** The fields of a schema, or of the one that it refers to; of several that it may be, one after the other. */
export function fieldsView(schema: JsonSchema, schemas: Schemas): Markup {
  const name = referredTo(schema);
  if (name !== undefined) return fieldsView(schemas[name] ?? {}, schemas);
  const kinds = kindsOf(schema);
  if (kinds.length > 1) return markup`${kinds.map((kind) => variantView(kind, schemas))}`;
  if (schema.type === "array" && isSchema(schema.items)) return fieldsView(schema.items, schemas);
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).flatMap(([field, inner]) =>
    isSchema(inner) ? fieldView(field, { schema: inner, schemas, required: required.has(field) }) : []
  );
  return fields.length === 0
    ? markup`<p class="type">${typeView(schema)}</p>`
    : markup`<ul class="fields">${fields}</ul>`;
}

/** What it is, in a few words. */
export function typeView(schema: JsonSchema): Markup {
  const name = referredTo(schema);
  if (name !== undefined) return markup`<a href="#schema-${name}">${name}</a>`;
  if (schema.const !== undefined) return markup`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined) {
    return markup`one of ${separated(schema.enum.map((word) => markup`<code>${String(word)}</code>`), ", ")}`;
  }
  const kinds = kindsOf(schema);
  if (kinds.length > 1) return separated(kinds.map(typeView), " or ");
  const [type, ...others] = [schema.type ?? []].flat();
  const or = others.includes("null") ? " or null" : "";
  if (type === "array") return markup`list of ${isSchema(schema.items) ? typeView(schema.items) : "anything"}${or}`;
  if (type === "object" && isSchema(schema.additionalProperties) && schema.properties === undefined) {
    return markup`map of ${typeView(schema.additionalProperties)}${or}`;
  }
  return markup`${type ?? "anything"}${or}`;
}

interface Field {
  schema: JsonSchema;
  schemas: Schemas;
  required: boolean;
}

function fieldView(name: string, { schema, schemas, required }: Field): Markup {
  const limits = limitsOf(schema);
  const inner = innerOf(schema);
  return markup`<li><code class="field">${name}</code> <span class="type">${typeView(schema)}</span>${[
    ...(required ? [] : [markup` <span class="optional">optional</span>`]),
    ...(limits === "" ? [] : [markup` <span class="limits">${limits}</span>`]),
    ...(inner === undefined
      ? []
      : [markup`<details><summary>Its fields</summary>${fieldsView(inner, schemas)}</details>`]),
  ]}</li>`;
}

function variantView(schema: JsonSchema, schemas: Schemas): Markup {
  const fields = innerOf(schema) === undefined ? [] : [fieldsView(schema, schemas)];
  const said = schema.description === undefined ? markup`` : markup` <small>${prose(schema.description)}</small>`;
  return markup`<div class="variant"><p class="type">${typeView(schema)}${said}</p>${fields}</div>`;
}

/** The schema below a field that has fields and no name. */
function innerOf(schema: JsonSchema): JsonSchema | undefined {
  const candidates = [schema, schema.items, schema.additionalProperties, ...kindsOf(schema)];
  return candidates.filter(isSchema).find(({ properties }) => Object.keys(properties ?? {}).length > 0);
}

function limitsOf({ default: usual, format, pattern, ...limits }: JsonSchema): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = limits;
  const shownPattern = pattern !== undefined && pattern.length <= PATTERN_SHOWN_MAX ? `matches ${pattern}` : "";
  const isPlain = usual !== undefined && (typeof usual !== "object" || usual === null);
  return [
    rangeOf(minimum, maximum),
    suffixed(rangeOf(minLength, maxLength), "characters"),
    suffixed(rangeOf(minItems, maxItems), "items"),
    format ?? shownPattern,
    isPlain ? `${JSON.stringify(usual)} unless said` : "",
  ].filter((limit) => limit !== "").join(" · ");
}

function rangeOf(least: number | undefined, most: number | undefined): string {
  // Whole numbers that are as large as they can be have no limit.
  const [from, to] = [least, most].map((limit) => Math.abs(limit ?? 0) < Number.MAX_SAFE_INTEGER ? limit : undefined);
  if (from !== undefined && to !== undefined) return `${from} to ${to}`;
  return from !== undefined ? `from ${from}` : to !== undefined ? `up to ${to}` : "";
}

function suffixed(range: string, unit: string): string {
  return range === "" ? "" : `${range} ${unit}`;
}

function kindsOf({ anyOf, oneOf }: JsonSchema): JsonSchema[] {
  return (anyOf ?? oneOf ?? []).filter(isSchema);
}

function separated(parts: readonly Markup[], separator: string): Markup {
  return markup`${parts.map((part, at) => (at === 0 ? part : markup`${separator}${part}`))}`;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
