/**
 * The parameters of a request's query. Each route declares those that it takes, and what it doesn't is refused before the
 * handler runs: a `dry_run` that is mistyped must not become the real thing. What the handler reads here is checked.
 * @module
 */
import { nearest } from "../../runtime/nearest.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import type { Query } from "../../wire/contract/query.ts";
import { badRequest } from "./answer.ts";
import type { Call } from "./context.ts";

const LIMIT_USUAL = 100;
const SHOWN_MAX = 100;

/** The refusal of a query that has what the route doesn't take. */
export function strayParameter({ req }: Call, query: Query): Response | undefined {
  const given = [...new URL(req.url).searchParams];
  for (const [at, [name, text]] of given.entries()) {
    const parameter = Object.hasOwn(query, name) ? query[name] : undefined;
    if (parameter === undefined) return unknown(name, Object.keys(query));
    if (given.findIndex(([other]) => other === name) < at) return badRequest(`"${name}" is given twice`);
    if (!parameter.fits(text)) return badRequest(`"${name}" is ${parameter.rule}, not "${shown(text)}"`);
  }
  return undefined;
}

export function flagIn({ req }: Call, name: string): boolean {
  const text = req.query(name);
  return text === "true" || text === "1";
}

export function limitIn(call: Call): number {
  return numberIn(call, "limit") ?? LIMIT_USUAL;
}

export function numberIn({ req }: Call, name: string): number | undefined {
  const text = req.query(name);
  return text === undefined ? undefined : Number(text);
}

function unknown(name: string, known: readonly string[]): Response {
  const meant = nearest(name, known);
  const hint = meant !== undefined
    ? `; did you mean "${meant}"?`
    : known.length > 0
    ? `; known: ${known.join(", ")}`
    : "; this route takes none";
  return badRequest(`unknown parameter "${shown(name)}"${hint}`);
}

function shown(text: string): string {
  return printableLine(text).slice(0, SHOWN_MAX);
}
