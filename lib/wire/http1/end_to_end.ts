/**
 * What a proxy passes on: all fields but those of the one connection they came over (RFC 9110 §7.6.1). Framing is the
 * exception that a proxy states anew, from the message's {@linkcode Framing}.
 * @module
 */

import type { Framing } from "./event.ts";
import { type Field, type Fields, isNamed, listMembers } from "./fields.ts";

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
/** What Connection says nearly always. */
const NAMES_NO_FIELD = /^(?:keep-alive|close|upgrade)$/i;

/**
 * The fields that go on, in their order and spelling. Names that a careless replica would read as one of the removed
 * or guarded ones (`Transfer_Encoding`) are removed too.
 */
export function endToEndFields(fields: Fields): Field[] {
  const named = namedInConnection(fields);
  const kept: Field[] = [];
  for (const field of fields) {
    const [name] = field;
    if (isHopByHop(name) || (named !== undefined && named.includes(name.toLowerCase()))) continue;
    if (!name.includes("_") || !isLookAlike(name.toLowerCase().replaceAll("_", "-"))) kept.push(field);
  }
  return kept;
}

/** The lengths are looked at first: most names differ there already. */
function isHopByHop(name: string): boolean {
  switch (name.length) {
    case 2:
    case 7:
    case 10:
    case 16:
    case 17:
    case 18:
    case 19:
      return HOP_BY_HOP.has(name.toLowerCase());
  }
  return false;
}

function isLookAlike(lowerName: string): boolean {
  return HOP_BY_HOP.has(lowerName) || NEVER_NAMED.test(lowerName);
}

/** The fields that Connection names, beside those that never go on. */
function namedInConnection(fields: Fields): string[] | undefined {
  let named: string[] | undefined;
  for (const field of fields) {
    if (!isNamed(field, "connection") || NAMES_NO_FIELD.test(field[1])) continue;
    named ??= listMembers(fields, "connection").filter((name) => !NEVER_NAMED.test(name));
  }
  return named;
}

/** The fields that state a framing anew. A length is an end-to-end field and has stayed. */
export function framingFields(framing: Framing): Field[] {
  return framing.kind === "chunked" ? [["Transfer-Encoding", "chunked"]] : [];
}
