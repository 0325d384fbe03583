/**
 * `If-Match` and `If-None-Match` (RFC 9110, 13.1): a write names the revision that it was made from, so that of two at
 * once exactly one wins. Reads know no conditions: what they show changes by what is observed, too, under one revision.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { problem } from "../../wire/problem.ts";
import { badRequest, etagOf } from "./answer.ts";
import type { Route } from "./context.ts";

const SHOWN_MAX = 100;

/** What a write to something without a revision can't take. */
export const CONDITIONS = ["if-match", "if-none-match"] as const;
/** What a write can't take that isn't one to the store. */
export const UNKEPT = [...CONDITIONS, "idempotency-key"] as const;
const NAMES: Readonly<Record<string, string>> = { "if-match": "If-Match", "if-none-match": "If-None-Match" };
const TAGS = /^\s*(\*|(W\/)?"[^"]*"(\s*,\s*(W\/)?"[^"]*")*)\s*$/;

/** The refusal of a write with a header that would have no effect on it, or of one that isn't written as it has to be. */
export function uselessHeader({ refuses = [] }: Route, headers: Headers): Response | undefined {
  for (const name of refuses) {
    if (!headers.has(name)) continue;
    const why = name === "idempotency-key" ? "an answer here is not kept" : "there is no revision here";
    return badRequest(`"${NAMES[name] ?? "Idempotency-Key"}" has no effect on this, as ${why}: leave it out`);
  }
  for (const name of CONDITIONS) {
    const field = headers.get(name);
    if (field === null || TAGS.test(field)) continue;
    const found = printableLine(field).slice(0, SHOWN_MAX);
    return badRequest(`"${NAMES[name]}" is a revision in quotes, as ETag gives it, such as "5", or *; found: ${found}`);
  }
  return undefined;
}

/** The refusal of a write whose condition doesn't hold. `revision` is undefined when there is no such resource. */
export function unmetCondition(headers: Headers, revision: number | undefined): Response | undefined {
  const match = headers.get("if-match");
  const noneMatch = headers.get("if-none-match");
  const named = match === null || matches(match, revision);
  const absent = noneMatch === null || !matches(noneMatch, revision);
  if (named && absent) return undefined;
  const present = revision === undefined ? "there is none now" : `its revision is ${revision} now`;
  return problem({
    type: "revision-mismatch",
    title: "Precondition Failed",
    status: 412,
    detail: `somebody else was faster, or it was never so: ${present}; read it again and decide anew`,
    ...(revision === undefined ? {} : { revision, headers: { etag: etagOf(revision) } }),
  });
}

function matches(field: string, revision: number | undefined): boolean {
  if (revision === undefined) return false;
  return field.trim() === "*" || field.split(",").some((tag) => tag.trim() === etagOf(revision));
}
