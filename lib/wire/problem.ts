/**
 * What an HTTP answer says when it can't do what was asked: RFC 9457 "problem details". `type` is stable and what
 * programs look at; `detail` tells people what was wrong and what to do. The controller, the agent and the ingress all
 * answer with these, and the command line reads them.
 * @module
 */
import * as z from "zod";

export const PROBLEM_MEDIA_TYPE = "application/problem+json";
export const TYPE_PREFIX = "urn:muster:problem:";

/** One thing that is wrong with a document, and where in it (RFC 6901); of a text also in which line, counted from 1. */
export const Fault = z.object({
  pointer: z.string(),
  detail: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
  /** Which document of several. */
  document: z.int().optional(),
});
export type Fault = z.infer<typeof Fault>;

/** The body of such an answer; unknown members are ignored. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(Fault).optional(),
  /** The revision that an `If-Match` should have named. */
  revision: z.int().optional(),
});
export type Problem = z.infer<typeof Problem>;

/** What is given of a problem: `type` is its short name, such as "unknown-service". */
export interface ProblemParts extends Problem {
  headers?: Readonly<Record<string, string>>;
}

/** The answer for a problem. */
export function problem({ headers = {}, ...parts }: ProblemParts): Response {
  const body = { ...parts, type: `${TYPE_PREFIX}${parts.type}` };
  return new Response(`${JSON.stringify(body)}\n`, {
    status: parts.status,
    headers: { "content-type": PROBLEM_MEDIA_TYPE, "cache-control": "no-store", ...headers },
  });
}
