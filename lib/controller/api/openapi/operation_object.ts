/**
 * An operation as OpenAPI has it: parameters, body, answers and who may use it.
 * @module
 */
import { Problem, PROBLEM_MEDIA_TYPE } from "../../../wire/problem.ts";
import type { Components } from "./components.ts";
import type { Described, OneAnswer } from "./described.ts";
import type { JsonSchema } from "./json_schema.ts";
import { sampleOf } from "./sample.ts";
import { HEADERS, NEEDS, PARAMETERS, STATUSES } from "./words.ts";

export const PROBLEM_ANSWER = "Problem";
/** By this the schema of a rehearsal's answer is told from that of the real thing. */
export const REHEARSED = "What would be done: the answer to `dry_run=true`.";

export interface ParameterObject {
  name: string;
  in: "path" | "query" | "header";
  required?: true;
  description: string;
  schema: JsonSchema;
}

export interface MediaObject {
  schema: JsonSchema;
  example?: unknown;
}

export interface AnswerObject {
  description: string;
  content?: Record<string, MediaObject>;
}

export interface OperationObject {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  security: Record<string, string[]>[];
  parameters: ParameterObject[];
  requestBody?: { required: boolean; content: Record<string, MediaObject> };
  /** By status; `default` is every other one. */
  responses: Record<string, AnswerObject | { $ref: string }>;
}

export function operationObject(described: Described, components: Components): OperationObject {
  const { name, needs, operation: { tag, summary, details } } = described;
  const requestBody = bodyOf(described, components);
  return {
    operationId: name,
    tags: [tag],
    summary,
    description: [details, NEEDS[needs]].filter((text) => text !== undefined).join(" "),
    security: needs === "open" ? [] : [{ bearer: [needs] }, { session: [needs] }],
    parameters: parametersOf(described),
    ...(requestBody !== undefined && { requestBody }),
    responses: {
      ...answersOf(described, components),
      default: { $ref: `#/components/responses/${PROBLEM_ANSWER}` },
    },
  };
}

/** What is answered when it can't be done. */
export function problemAnswer({ schemaOf }: Components): AnswerObject {
  return {
    description: "It could not be done: `type` says why to programs, `detail` to people.",
    content: { [PROBLEM_MEDIA_TYPE]: { schema: schemaOf(Problem, "output") } },
  };
}

function parametersOf({ path, operation: { query = {} }, headers }: Described): ParameterObject[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]): ParameterObject => ({
    name,
    in: "path",
    required: true,
    description: pathWords(path, name),
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(query).map(([name, { schema }]): ParameterObject => ({
    name,
    in: "query",
    description: PARAMETERS[name] ?? "",
    schema,
  }));
  const inHeaders = headers.map((name): ParameterObject => ({
    name,
    in: "header",
    description: HEADERS[name] ?? "",
    schema: { type: "string" },
  }));
  return [...inPath, ...inQuery, ...inHeaders];
}

/** What a name in a path means hangs on what comes before it. */
function pathWords(path: string, name: string): string {
  const before = path.slice(0, path.indexOf(`{${name}}`));
  return PARAMETERS[`${before}{${name}}`] ?? PARAMETERS[name] ?? "";
}

function bodyOf(
  { operation: { body }, taken }: Described,
  { schemaOf }: Components,
): OperationObject["requestBody"] {
  if (body === undefined) return undefined;
  const schema = oneOf(taken.map((one) => schemaOf(one, "input")));
  const example = exampleIn(body.example);
  const media: MediaObject = { schema, ...(example !== undefined && { example }) };
  const types = body.media ?? ["application/json"];
  return { required: body.optional !== true, content: Object.fromEntries(types.map((type) => [type, media])) };
}

/** The example as a value; undefined when it is an abbreviated one, for people only. */
function exampleIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function answersOf({ answers, operation: { tag } }: Described, components: Components): Record<string, AnswerObject> {
  const byStatus = Map.groupBy(answers, ({ status }) => status);
  const sample = (schema: JsonSchema) => sampleOf(schema, { schemas: components.schemas, tag });
  return Object.fromEntries([...byStatus].map(([status, those]): [string, AnswerObject] => {
    const onlyRehearsed = those.every(({ isRehearsal }) => isRehearsal);
    const description = onlyRehearsed ? REHEARSED : STATUSES[status] ?? "Done.";
    const content = contentOf(those, { ...components, sample });
    return [String(status), content === undefined ? { description } : { description, content }];
  }));
}

function contentOf(
  answers: readonly OneAnswer[],
  { schemaOf, sample }: Components & { sample: (schema: JsonSchema) => unknown },
): AnswerObject["content"] {
  if (answers.every(({ media, schema }) => schema === undefined && media === "application/json")) return undefined;
  const byMedia = Map.groupBy(answers, ({ media }) => media);
  return Object.fromEntries([...byMedia].map(([media, those]) => {
    const schemas = those.flatMap(({ schema, isRehearsal }) => {
      if (schema === undefined) return [];
      const said = schemaOf(schema, "output");
      return [isRehearsal ? { ...said, description: REHEARSED } : said];
    });
    if (schemas.length === 0) return [media, { schema: { type: "string" } }];
    const schema = oneOf(schemas);
    return [media, { schema, example: sample(schema) }];
  }));
}

function oneOf(schemas: readonly JsonSchema[]): JsonSchema {
  const [only, ...others] = schemas;
  return only !== undefined && others.length === 0 ? only : { anyOf: [...schemas] };
}
