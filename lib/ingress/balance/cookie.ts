/**
 * Reads one cookie out of a request's fields, for stickiness and for hashing by a cookie. Nothing else of a request's
 * cookies is looked at.
 * @module
 */
import { type Fields, isNamed } from "../../wire/http1/fields.ts";

/** The value of the first cookie of that name; over HTTP/2 cookies may come in several fields. */
export function cookieValue(fields: Fields, name: string): string | undefined {
  for (const field of fields) {
    if (!isNamed(field, "cookie")) continue;
    const value = valueWithin(field[1], name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Looks for `name=` at the beginning of a pair: cookies can be long, so they are not split. */
function valueWithin(cookies: string, name: string): string | undefined {
  for (let from = 0; from < cookies.length;) {
    while (cookies[from] === " " || cookies[from] === "\t") from++;
    const semicolon = cookies.indexOf(";", from);
    const end = semicolon < 0 ? cookies.length : semicolon;
    if (cookies.startsWith(name, from) && cookies[from + name.length] === "=") {
      return cookies.slice(from + name.length + 1, end).trim();
    }
    from = end + 1;
  }
  return undefined;
}
