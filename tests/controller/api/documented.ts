/**
 * Whether an answer is what `/openapi.json` says of it: its status, its media type, and its body, in which no field may be
 * that the document doesn't name, of a rehearsal as of the real thing. The harness asks this about every answer of every
 * test.
 * @module
 */
import { Ajv2020, type ValidateFunction } from "npm:ajv@^8.20.0/dist/2020.js";
import { assert, assertEquals } from "@std/assert";
import { type OpenApiDocument, openApiDocument } from "../../../lib/controller/api/openapi/document.ts";
import type { JsonSchema } from "../../../lib/controller/api/openapi/json_schema.ts";
import { type AnswerObject, REHEARSED } from "../../../lib/controller/api/openapi/operation_object.ts";
import { ROUTES } from "../../../lib/controller/api/routes.ts";
import { PROBLEM_MEDIA_TYPE } from "../../../lib/wire/problem.ts";

type Schema = Record<string, unknown>;

let made: OpenApiDocument | undefined;
const checks = new Map<string, ValidateFunction>();

/** The document of all routes. */
export function documentOfAll(): OpenApiDocument {
  return made ??= openApiDocument(ROUTES);
}

/** Says what is wrong with a value by a schema of the document; nothing may be in it beyond that when it is strict. */
export function mismatchesOf(schema: object, value: unknown, { strict }: { strict: boolean }): string[] {
  const key = `${strict} ${JSON.stringify(schema)}`;
  let check = checks.get(key);
  if (check === undefined) {
    const { components: { schemas } } = documentOfAll();
    const root = { allOf: [schema], components: { schemas } };
    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    check = ajv.compile(strict ? closed(root) as Schema : root);
    checks.set(key, check);
  }
  if (check(value)) return [];
  return (check.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath || "/"} ${message} ${JSON.stringify(params)}`
  );
}

/** Fails unless the answer is a documented one; gives it back. */
export async function asDocumented(
  { method, path }: { method: string; path: string },
  response: Response,
): Promise<Response> {
  const answers = answersFor(method, path);
  const [media = ""] = (response.headers.get("content-type") ?? "").split(";");
  if (answers === undefined || !/[/+]json$/.test(media)) {
    if (answers !== undefined && response.ok) assertDocumentedHead(answers, { method, path, response });
    return response;
  }
  const text = await response.text();
  const where = `${method} ${path} ${response.status}`;
  const { content } = response.ok
    ? assertDocumentedHead(answers, { method, path, response })
    : documentOfAll().components.responses.Problem as AnswerObject;
  if (!response.ok) assertEquals(media, PROBLEM_MEDIA_TYPE, where);
  const kinds = kindsOf(content?.[media]?.schema);
  // An answer to the one must not pass for an answer to the other.
  const meant = response.ok
    ? kinds.filter(({ description }) => (description === REHEARSED) === isRehearsal(path))
    : kinds;
  assert(meant.length > 0, `${where}: ${media} is not documented`);
  const schema = meant.length === 1 ? meant[0] ?? {} : { anyOf: meant };
  assertEquals(mismatchesOf(schema, JSON.parse(text), { strict: true }), [], `${where}: ${text.slice(0, 2_000)}`);
  return new Response(text, response);
}

function assertDocumentedHead(
  answers: Record<string, AnswerObject | { $ref: string }>,
  { method, path, response }: { method: string; path: string; response: Response },
): AnswerObject {
  const { status, headers } = response;
  const answer = answers[status];
  assert(answer !== undefined && !("$ref" in answer), `${method} ${path}: the status ${status} is not documented`);
  const type = headers.get("content-type");
  if (type === null) assertEquals(answer.content, undefined, `${method} ${path}: no body`);
  else assert(mediaOf(answer).includes(type.split(";")[0] ?? ""), `${method} ${path}: ${type} is not documented`);
  return answer;
}

function isRehearsal(path: string): boolean {
  return /^(true|1)$/.test(new URL(path, "http://127.0.0.1").searchParams.get("dry_run") ?? "");
}

/** What it may be: one thing, or the real answer and the rehearsal's. */
function kindsOf(schema: JsonSchema | undefined): JsonSchema[] {
  const kinds = (schema?.anyOf ?? []) as JsonSchema[];
  if (kinds.some(({ description }) => description === REHEARSED)) return kinds;
  return schema === undefined ? [] : [schema];
}

function mediaOf({ content = {} }: AnswerObject): string[] {
  return Object.keys(content).map((media) => media.split(";")[0] ?? "");
}

function answersFor(method: string, path: string): Record<string, AnswerObject | { $ref: string }> | undefined {
  const { pathname } = new URL(path, "http://127.0.0.1");
  const found = Object.entries(documentOfAll().paths).find(([template]) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(pathname)
  );
  return found?.[1][method.toLowerCase()]?.responses;
}

/** A schema that takes nothing beyond what it names. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isObject = inner.type === "object" && "properties" in inner && !("additionalProperties" in inner);
  return isObject ? { ...inner, additionalProperties: false } : inner;
}
