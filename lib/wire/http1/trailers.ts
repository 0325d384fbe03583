/**
 * Trailer fields arrive after the decisions have been made: those that would have decided framing, routing or
 * authentication are dropped (RFC 9110 §6.5.1).
 * @module
 */

import type { Fields } from "./fields.ts";

const NEVER_TRAILING = new Set([
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "expect",
  "forwarded",
  "host",
  "keep-alive",
  "max-forwards",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "range",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "via",
  "www-authenticate",
]);

/** The trailers that may be passed on. */
export function safeTrailers(fields: Fields): Fields {
  return fields.filter(([name]) => {
    const lower = name.toLowerCase().replaceAll("_", "-");
    return !NEVER_TRAILING.has(lower) && !lower.startsWith("x-forwarded-") && !lower.startsWith("muster-");
  });
}
