/**
 * The key by which requests that belong together come to the same replica: the client's address, a header field or a
 * cookie, as the route says. `ring.ts` places it.
 * @module
 */
import { type Fields, fieldValue } from "../../wire/http1/fields.ts";
import { cookieValue } from "./cookie.ts";

export type HashBy =
  | { readonly kind: "source" }
  /** The name in lower case. */
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "cookie"; readonly name: string };

/** Reads what a route's `hash` says: `source`, `header:<name>` or `cookie:<name>`. */
export function hashByOf(hash: string): HashBy {
  const [kind, name = ""] = hash.split(":");
  if (kind === "header") return { kind, name: name.toLowerCase() };
  return kind === "cookie" ? { kind, name } : { kind: "source" };
}

/** A request's key; undefined when it has none, and any replica will do. */
export function hashKeyOf(by: HashBy, { fields, source }: { fields: Fields; source: string }): string | undefined {
  switch (by.kind) {
    case "source":
      return source;
    case "header":
      return fieldValue(fields, by.name);
    case "cookie":
      return cookieValue(fields, by.name);
  }
}
