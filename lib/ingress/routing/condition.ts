/**
 * What a route may ask of a request beside its host and path: header fields and parameters of the query with certain
 * values. Where one is sent more than once, any of its values will do.
 * @module
 */
import type { Route } from "../../cluster/route.ts";
import { type Field, type Fields, isNamed } from "../../wire/http1/fields.ts";
import { queryValues } from "./query_values.ts";

/** All have to hold. */
export interface Conditions {
  /** Their names in lower case. */
  readonly headers: Fields;
  readonly query: readonly Field[];
}

export function conditionsOf({ headers, query }: Route): Conditions {
  return {
    headers: Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    query: Object.entries(query),
  };
}

/** What of a request the conditions are about. Its query is read once, and only if a route asks for it. */
export class RequestTraits {
  readonly fields: Fields;
  #target: string;
  #query: Map<string, string[]> | undefined;

  constructor({ fields, path }: { fields: Fields; path: string }) {
    this.fields = fields;
    this.#target = path;
  }

  get query(): ReadonlyMap<string, readonly string[]> {
    return this.#query ??= queryValues(this.#target);
  }
}

export function areMet({ headers, query }: Conditions, traits: RequestTraits): boolean {
  return headers.every(([name, value]) => traits.fields.some((field) => field[1] === value && isNamed(field, name))) &&
    query.every(([name, value]) => traits.query.get(name)?.includes(value));
}
