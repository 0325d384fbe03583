/**
 * Zod's schemas as JSON Schemas (2020-12), for whoever doesn't speak TypeScript: what is taken in, or what is given out.
 * Contradictions between fields are beyond a JSON Schema; those are found when a document is checked.
 * @module
 */
import * as z from "zod";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What comes in may leave out what has a usual value; what goes out has it. */
export type Direction = "input" | "output";

type Override = NonNullable<z.core.ToJSONSchemaParams["override"]>;

/** One schema, with everything it is made of. */
export function jsonSchemaOf(schema: z.ZodType, io: Direction): JsonSchema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io, ...COMMON, override: corrected(io) });
  return made;
}

/** Several schemas by their names; where one of them is within another there is a reference to `uri(name)`. */
export function jsonSchemasOf(
  named: ReadonlyMap<z.ZodType, string>,
  { io, uri }: { io: Direction; uri: (name: string) => string },
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of named) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, uri, ...COMMON, override: corrected(io) });
  return Object.fromEntries(Object.entries(schemas).map(([name, { $schema: _, $id: __, ...made }]) => [name, made]));
}

const COMMON = { target: "draft-2020-12", unrepresentable: "any" } as const;

function corrected(io: Direction): Override {
  return io === "input" ? shorterForms : openToGrowth;
}

/** What may be written shorter says nothing of its input: it is a number, or what it is made into. */
function shorterForms({ zodSchema, jsonSchema }: Parameters<Override>[0]): void {
  if (!(zodSchema instanceof z.ZodPipe && zodSchema.in instanceof z.ZodTransform)) return;
  const made = { ...jsonSchema };
  for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
  jsonSchema.anyOf = [{ type: "integer" }, made];
}

/** Answers may have more fields one day, unless the schema itself is strict; and a format needs no pattern beside it. */
function openToGrowth({ zodSchema, jsonSchema }: Parameters<Override>[0]): void {
  if (zodSchema instanceof z.ZodObject && zodSchema.def.catchall === undefined) delete jsonSchema.additionalProperties;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}
