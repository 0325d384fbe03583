/**
 * Which fields a schema knows at a place of a document, for messages about one that it doesn't know.
 * @module
 */
import * as z from "zod";

/** The names of the fields at the path; none where the schema has no fixed ones. */
export function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const here = bare(schema);
  const [next, ...rest] = path;
  if (next === undefined) return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
  if (here instanceof z.ZodObject) {
    const inner = here.shape[String(next)];
    return inner instanceof z.ZodType ? fieldsAt(inner, rest) : [];
  }
  if (here instanceof z.ZodArray && here.element instanceof z.ZodType) return fieldsAt(here.element, rest);
  if (here instanceof z.ZodRecord && here.valueType instanceof z.ZodType) return fieldsAt(here.valueType, rest);
  return [];
}

/** The schema without what says that it may be left out, or written shorter. */
function bare(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodPipe && schema.out instanceof z.ZodType) return bare(schema.out);
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable;
  if (!wrapped) return schema;
  const inner = schema.unwrap();
  return inner instanceof z.ZodType ? bare(inner) : schema;
}
