/**
 * What a proxy passes on: all fields but those of the one connection they came over (RFC 9110 §7.6.1). Framing is the
 * exception that a proxy states anew, from the message's {@linkcode Framing}.
 * @module
 */

import type { Framing } from "./event.ts";
import { type Field, type Fields, listMembers } from "./fields.ts";

const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** A client may not make a proxy drop these by naming them in Connection. */
const NEVER_NAMED =
  /^(?:host|content-length|content-type|authorization|www-authenticate|cookie|set-cookie|forwarded|via|x-forwarded-.*)$/;

/**
 * The fields that go on, in their order and spelling. Names that a careless replica would read as one of the removed
 * or guarded ones (`Transfer_Encoding`) are removed too.
 */
export function endToEndFields(fields: Fields): Field[] {
  const named = listMembers(fields, "connection").filter((name) => !NEVER_NAMED.test(name));
  return fields.filter(([name]) => {
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || named.includes(lower)) return false;
    if (!lower.includes("_")) return true;
    const alias = lower.replaceAll("_", "-");
    return !HOP_BY_HOP.has(alias) && !NEVER_NAMED.test(alias);
  });
}

/** The fields that state a framing anew. A length is an end-to-end field and has stayed. */
export function framingFields(framing: Framing): Field[] {
  return framing.kind === "chunked" ? [["Transfer-Encoding", "chunked"]] : [];
}
