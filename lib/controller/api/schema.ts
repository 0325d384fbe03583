/**
 * `GET /schema/service.json`: what a spec may say as a JSON Schema, for editors and for programs that write specs. It is
 * made of the schema that the controller itself checks by, so that it is never behind. Contradictions between fields are
 * beyond it; `POST /v1/plan` finds those.
 * @module
 */
import { ServiceSpec } from "../../cluster/service.ts";
import { json } from "./answer.ts";
import type { Route } from "./context.ts";
import { jsonSchemaOf } from "./openapi/json_schema.ts";
import { route } from "./route.ts";

export const schemaRoutes: readonly Route[] = [
  route("getServiceSchema", { handle: () => json(serviceSchema()) }),
];

let made: object | undefined;

function serviceSchema(): object {
  return made ??= {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:muster:schema:service",
    title: "Muster service",
    description: "What an operator declares of a service. YAML or JSON; several documents or a list in one file.",
    ...jsonSchemaOf(ServiceSpec, "input"),
  };
}
