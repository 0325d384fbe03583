/**
 * A request as the proxy needs it, read once: where to, from whom, with which content. Content that is small is taken
 * in whole, since only that can be sent a second time; the rest is passed on as it comes.
 * @module
 */
import { type Field, fieldValue } from "../wire/http1/fields.ts";
import { problem } from "../wire/problem.ts";
import { requestFields } from "./headers.ts";
import { withoutCredentials } from "./operator_guard.ts";

/** Larger content is streamed, and never sent twice. */
const WHOLE_BYTES_MAX = 65_536;

/** What a client asked for. */
export interface Arrived {
  request: Request;
  method: string;
  /** Path and query, beginning with a slash. */
  path: string;
  authority: string;
  /** For the replica. */
  fields: Field[];
  content: Content;
}

export type Content =
  | { kind: "none" }
  | { kind: "whole"; bytes: Uint8Array<ArrayBuffer> }
  /** In chunks when no length was said. */
  | { kind: "stream"; stream: ReadableStream<Uint8Array<ArrayBuffer>>; length: number | undefined };

/** What a request target may hold. */
const VISIBLE = /^[\x21-\x7e]+$/;

/** Methods that have the effect of one request however often they are sent (RFC 9110 §9.2.2). */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** Whether a request may be sent again, though it may have been received already. */
export function isRepeatable({ method, content }: Arrived): boolean {
  return IDEMPOTENT.has(method) && content.kind !== "stream";
}

/** Reads a request, or answers it when it can't be carried. */
export function readRequest(request: Request, peer: string): Arrived | Response | Promise<Arrived | Response> {
  const { method, url } = request;
  if (method === "TRACE" || method === "CONNECT") return methodNotAllowed(method);
  const original = [...request.headers];
  const { scheme, authority, path } = targetOf(url);
  if (!VISIBLE.test(path)) return malformedTarget();
  const fields = withoutCredentials(requestFields(original, { peer, scheme, authority }));
  const arrived: Arrived = { request, method, path, authority, fields, content: { kind: "none" } };
  if (method === "GET" || method === "HEAD") return declaresContent(original) ? contentOnGet(method) : arrived;
  return mayHaveContent(original) ? withContent(arrived, original) : arrived;
}

/** Where a request goes. The URL is read as text: what is in it must reach the replica unchanged. */
export function targetOf(url: string): { scheme: "http" | "https"; authority: string; path: string } {
  const authorityAt = url.indexOf("://") + 3;
  const pathAt = url.indexOf("/", authorityAt);
  const authority = pathAt === -1 ? url.slice(authorityAt) : url.slice(authorityAt, pathAt);
  const path = pathAt === -1 ? "/" : withoutPrefix(url.slice(pathAt));
  return { scheme: url.startsWith("https:") ? "https" : "http", authority, path };
}

const PREFIX = "/proxy";

/** `/proxy/a?b` is `/a?b`, and `/proxy?b` is `/?b`. */
function withoutPrefix(path: string): string {
  if (!path.startsWith(PREFIX)) return path;
  const rest = path.slice(PREFIX.length);
  if (rest.startsWith("/")) return rest;
  return rest === "" || rest.startsWith("?") ? `/${rest}` : path;
}

/** HTTP/2 need not declare it; such requests have no Host. */
function mayHaveContent(fields: readonly Field[]): boolean {
  return declaresContent(fields) || fieldValue(fields, "host") === undefined;
}

function declaresContent(fields: readonly Field[]): boolean {
  const length = fieldValue(fields, "content-length");
  return (length !== undefined && length !== "0") || fieldValue(fields, "transfer-encoding") !== undefined;
}

async function withContent(arrived: Arrived, original: readonly Field[]): Promise<Arrived | Response> {
  const { request } = arrived;
  const declared = fieldValue(original, "content-length");
  const length = declared === undefined ? undefined : Number(declared);
  if (length !== undefined && length <= WHOLE_BYTES_MAX) {
    try {
      return { ...arrived, content: { kind: "whole", bytes: await request.bytes() } };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return contentCutOff();
    }
  }
  if (request.body === null) return arrived;
  if (length === undefined) arrived.fields.push(["transfer-encoding", "chunked"]);
  return { ...arrived, content: { kind: "stream", stream: request.body, length } };
}

function methodNotAllowed(method: string): Response {
  const detail = `${method} is not passed on to replicas`;
  return problem({ type: "method-not-allowed", title: "Method Not Allowed", status: 405, detail });
}

function contentOnGet(method: string): Response {
  const detail = `${method} with content is not passed on by this port: send it without, or use POST`;
  return problem({ type: "content-not-carried", title: "Bad Request", status: 400, detail });
}

function malformedTarget(): Response {
  const detail = "the path holds characters that a URL can't hold: encode them";
  return problem({ type: "malformed-target", title: "Bad Request", status: 400, detail });
}

function contentCutOff(): Response {
  const detail = "the content broke off";
  return problem({ type: "content-cut-off", title: "Bad Request", status: 400, detail });
}
