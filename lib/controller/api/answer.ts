/**
 * The answers that many routes give: JSON with its revision, and the refusals that are the same everywhere.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { claimInWords, type PortClaim } from "../change/port_claim.ts";
import { problem } from "../../wire/problem.ts";

/** How many known names a message lists. */
const LISTED_MAX = 20;

export interface AnswerOptions {
  status?: number;
  /** The revision of what is answered with, for `ETag`. */
  revision?: number | undefined;
  headers?: Readonly<Record<string, string>>;
}

/** A JSON answer, ending in a line feed as terminals like it. */
export function json(value: unknown, { status = 200, revision, headers = {} }: AnswerOptions = {}): Response {
  return jsonText(`${JSON.stringify(value)}\n`, { status, revision, headers });
}

/** As `json()`, with the text already made. */
export function jsonText(text: string, { status = 200, revision, headers = {} }: AnswerOptions = {}): Response {
  const etag: Record<string, string> = revision === undefined ? {} : { etag: etagOf(revision) };
  return new Response(text, {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...etag, ...headers },
  });
}

export function etagOf(revision: number): string {
  return `"${revision}"`;
}

export function badRequest(detail: string): Response {
  return problem({ type: "bad-request", title: "Bad Request", status: 400, detail });
}

export function notFound(what: string, { name, known }: { name: string; known?: Iterable<string> }): Response {
  const shown = printableLine(name).slice(0, 100);
  const detail = `there is no ${what} "${shown}"${known === undefined ? "" : `; known: ${listed(known)}`}`;
  return problem({ type: `unknown-${what}`, title: `Unknown ${what}`, status: 404, detail });
}

export function conflict(type: string, { title, detail }: { title: string; detail: string }): Response {
  return problem({ type, title, status: 409, detail });
}

/** Two services want the same port of the ingress. */
export function portTaken(claim: PortClaim): Response {
  return conflict("port-taken", { title: "The port is taken", detail: claimInWords(claim) });
}

export function busy(detail: string, { retryAfterS }: { retryAfterS: number }): Response {
  const headers = { "retry-after": String(retryAfterS) };
  return problem({ type: "busy", title: "Service Unavailable", status: 503, detail, headers });
}

function listed(names: Iterable<string>): string {
  const all = [...names].sort();
  const more = all.length > LISTED_MAX ? ` and ${all.length - LISTED_MAX} more` : "";
  return all.length === 0 ? "none" : all.slice(0, LISTED_MAX).join(", ") + more;
}
