/**
 * `/openapi.json`: the API as an OpenAPI 3.1 document. It is made of the very things by which requests are checked and
 * clients are typed, and of the routes that are there, so that it can be neither behind nor ahead of what is answered.
 * @module
 */
import { VERSION } from "../../../runtime/version.ts";
import { CALLS } from "../../../wire/contract/calls.ts";
import { Problem } from "../../../wire/problem.ts";
import type { Route } from "../context.ts";
import { componentsFor } from "./components.ts";
import { type Described, describedBy } from "./described.ts";
import type { JsonSchema } from "./json_schema.ts";
import { type OperationObject, operationObject, PROBLEM_ANSWER, problemAnswer } from "./operation_object.ts";
import { ABOUT, CHAPTERS } from "./words.ts";

const ORDER = Object.keys(CALLS);

export interface OpenApiDocument {
  openapi: "3.1.0";
  info: Readonly<Record<string, unknown>> & { title: string; version: string };
  servers: readonly { url: string }[];
  tags: readonly { name: string; description: string }[];
  security: readonly Readonly<Record<string, readonly string[]>>[];
  /** By path, and by method in small letters. */
  paths: Record<string, Record<string, OperationObject>>;
  components: {
    schemas: Record<string, JsonSchema>;
    responses: Record<string, unknown>;
    securitySchemes: Record<string, unknown>;
  };
}

/** The document of these routes; of a route without an entry in the contract it says nothing. */
export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const described = routes.flatMap((route) => describedBy(route) ?? []).toSorted((a, b) => placeOf(a) - placeOf(b));
  const components = componentsFor({
    input: described.flatMap(({ taken }) => taken),
    output: [Problem, ...described.flatMap(({ answers }) => answers.map(({ schema }) => schema)).filter(isSaid)],
  });
  return {
    openapi: "3.1.0",
    info: {
      title: "Muster",
      version: VERSION,
      summary: "Applications on plain hosts, without containers.",
      description: ABOUT.join("\n\n"),
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: CHAPTERS,
    security: [{ bearer: [] }, { session: [] }],
    paths: pathsOf(described, (one) => operationObject(one, components)),
    components: {
      schemas: components.schemas,
      responses: { [PROBLEM_ANSWER]: problemAnswer(components) },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "A token, as `controller token create` makes it." },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "muster_session",
          description: "What `POST /v1/session` gives a browser that has shown a token once.",
        },
      },
    },
  };
}

/** Operations are told of in the order of the contract. */
function placeOf({ name }: Described): number {
  return ORDER.indexOf(name);
}

function pathsOf(
  described: readonly Described[],
  objectOf: (one: Described) => OperationObject,
): OpenApiDocument["paths"] {
  const byPath = Map.groupBy(described, ({ path }) => path);
  return Object.fromEntries([...byPath].map(([path, those]) => [
    path,
    Object.fromEntries(those.map((one) => [one.method.toLowerCase(), objectOf(one)])),
  ]));
}

function isSaid<T>(value: T | undefined): value is T {
  return value !== undefined;
}
