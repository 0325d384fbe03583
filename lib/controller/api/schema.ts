/**
 * `GET /schema/service.json`: what a spec may say as a JSON Schema, for editors and for programs that write specs. It is
 * made of the schema that the controller itself checks by, so that it is never behind. Contradictions between fields are
 * beyond it; `POST /v1/plan` finds those.
 * @module
 */
import * as z from "zod";
import { ServiceSpec } from "../../cluster/service.ts";
import { json } from "./answer.ts";
import type { Route } from "./context.ts";

export const SCHEMA_PATH = "/schema/service.json";

export const schemaRoutes: readonly Route[] = [
  { method: "GET", path: SCHEMA_PATH, needs: "open", handle: () => json(serviceSchema()) },
];

let made: object | undefined;

function serviceSchema(): object {
  return made ??= {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:muster:schema:service",
    title: "Muster service",
    description: "What an operator declares of a service. YAML or JSON; several documents or a list in one file.",
    ...inputSchema(ServiceSpec),
  };
}

function inputSchema(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      // What may be written shorter says nothing of its input: it is a number, or what it is made into.
      if (!(zodSchema instanceof z.ZodPipe && zodSchema.in instanceof z.ZodTransform)) return;
      const made = { ...jsonSchema };
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      jsonSchema.anyOf = [{ type: "integer" }, made];
    },
  });
  return made;
}
