/**
 * An answer that the ingress makes itself: for programs as a problem (RFC 9457, as all of Muster's), for people as a small
 * page without anything to load. Nothing in it is taken from the request but its id; all text is escaped all the same,
 * and the page's policy allows no script, form or frame.
 * @module
 */
import type { Field } from "../../wire/http1/fields.ts";
import { type Problem, PROBLEM_MEDIA_TYPE, TYPE_PREFIX } from "../../wire/problem.ts";
import { prefersHtml } from "./accept.ts";
import { type ErrorReason, reasonOf } from "./error_reason.ts";

const encoder = new TextEncoder();

const RETRY_AFTER_MS = 1_000;
const STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:15vh auto;padding:0 1em;color:#222}" +
  "h1{font-size:1.5em}small{color:#666}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}small{color:#999}}";
/** Of the style above: the page may have this one and no other. */
const STYLE_HASH = "sha256-caxT6Lg2rxc8Lv2Wu8R4U27dCwyQ2U5X/gs6qRDXuVk=";
const POLICY = `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'; ` +
  "frame-ancestors 'none'";
/** What CONNECT is not (RFC 9110 §15.5.6). */
const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

export interface ErrorPageOptions {
  /** The request's field, as it came. */
  accept?: string;
  requestId?: string;
  /** What is known beyond the reason; it takes the place of the usual words. */
  detail?: string;
  /** After how long another try makes sense. */
  retryAfterMs?: number;
}

/** An answer without its framing. */
export interface ErrorPage {
  status: number;
  title: string;
  fields: Field[];
  body: Uint8Array;
}

/** The answer for a reason. */
export function errorPage(reason: ErrorReason, options: ErrorPageOptions = {}): ErrorPage {
  const { status, title, detail, isPassing } = reasonOf(reason);
  const { requestId, retryAfterMs = RETRY_AFTER_MS } = options;
  const problem: Problem = { type: `${TYPE_PREFIX}${reason}`, title, status, detail: options.detail ?? detail };
  const isHtml = prefersHtml(options.accept);
  const fields: Field[] = isHtml
    ? [["Content-Type", "text/html; charset=utf-8"], ["Content-Security-Policy", POLICY]]
    : [["Content-Type", PROBLEM_MEDIA_TYPE]];
  fields.push(["Cache-Control", "no-store"], ["X-Content-Type-Options", "nosniff"]);
  if (isPassing) fields.push(["Retry-After", String(Math.max(1, Math.ceil(retryAfterMs / 1_000)))]);
  if (status === 405) fields.push(["Allow", METHODS]);
  const text = isHtml ? htmlOf(problem, requestId) : `${JSON.stringify({ ...problem, request_id: requestId })}\n`;
  return { status, title, fields, body: encoder.encode(text) };
}

function htmlOf({ status, title, type, detail }: Problem, requestId: string | undefined): string {
  const heading = escaped(`${status} ${title}`);
  const facts = [type.slice(TYPE_PREFIX.length), ...(requestId === undefined ? [] : [`request ${requestId}`])];
  return "<!doctype html>\n" +
    `<html lang="en"><head><meta charset="utf-8"><title>${heading}</title>` +
    `<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head>\n` +
    `<body><h1>${heading}</h1><p>${escaped(detail)}</p><p><small>${
      escaped(facts.join(" · "))
    }</small></p></body></html>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? "");
}
