/**
 * Fields behind the content (RFC 9113 §8.1): they end their message. Those that would have decided framing, routing or
 * authentication are dropped, as in HTTP/1.1.
 * @module
 */

import type { Fields } from "../http1/fields.ts";
import { safeTrailers } from "../http1/trailers.ts";
import { type Fault, malformed } from "./error_code.ts";
import { judgeFields } from "./field_section.ts";
import type { Headers } from "./frame_layer.ts";

export type Trailers = { readonly kind: "trailers"; readonly fields: Fields };

export function judgeTrailers({ stream, isLast, list }: Headers): Trailers | Fault {
  if (!isLast) return malformed(stream, "fields amid the content");
  if (list.isTooLarge) return malformed(stream, "the trailers are too large");
  const section = judgeFields(list.fields);
  if (section.kind === "flaw") return malformed(stream, section.detail);
  if (section.hasPseudo) return malformed(stream, "pseudo fields among the trailers");
  return { kind: "trailers", fields: safeTrailers(section.fields) };
}
