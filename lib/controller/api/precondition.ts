/**
 * `If-Match` and `If-None-Match` (RFC 9110, 13.1): a write names the revision that it was made from, so that of two at
 * once exactly one wins; a read names the one it has.
 * @module
 */
import { problem } from "../../wire/problem.ts";
import { etagOf } from "./answer.ts";

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

/** Whether the reader has this revision already. */
export function isKnown(headers: Headers, revision: number | undefined): boolean {
  const noneMatch = headers.get("if-none-match");
  return noneMatch !== null && matches(noneMatch, revision);
}

function matches(field: string, revision: number | undefined): boolean {
  if (revision === undefined) return false;
  return field.trim() === "*" || field.split(",").some((tag) => tag.trim() === etagOf(revision));
}
