/**
 * A decoded list of fields, judged (RFC 9113 §8.2): pseudo fields first and each once, names in lower case, no octet that
 * could break out of a line in HTTP/1.1, nothing that belongs to one connection. Whatever fails here is malformed: it is
 * never repaired and never passed on.
 * @module
 */

import type { Field, Fields } from "../http1/fields.ts";
import { HTAB, OCTET, SP, TOKEN, VALUE } from "../http1/octets.ts";

export interface FieldSection {
  kind: "section";
  method?: string;
  scheme?: string;
  path?: string;
  authority?: string;
  status?: string;
  hasPseudo: boolean;
  /** All that are no pseudo fields. */
  fields: Fields;
  host?: string;
  contentBytes?: number;
  expect?: string;
}

/** Why a message is malformed. */
export interface Flaw {
  readonly kind: "flaw";
  readonly detail: string;
}

type Pseudo = "method" | "scheme" | "path" | "authority" | "status";
const PSEUDO: ReadonlyMap<string, Pseudo> = new Map([
  [":method", "method"],
  [":scheme", "scheme"],
  [":path", "path"],
  [":authority", "authority"],
  [":status", "status"],
]);

/** Fields of one connection (RFC 9113 §8.2.2); TE too, but for one value. */
const OF_CONNECTION = new Set(["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"]);

const COLON = 0x3a;

/** Whether a field has no place in HTTP/2. The name is in lower case. */
export function isOfConnection(name: string): boolean {
  return OF_CONNECTION.has(name);
}

export function judgeFields(list: Fields): FieldSection | Flaw {
  const section: FieldSection = { kind: "section", hasPseudo: false, fields: list };
  let at = 0;
  for (; list[at]?.[0].charCodeAt(0) === COLON; at++) {
    const [name, value] = list[at]!;
    const pseudo = PSEUDO.get(name);
    if (pseudo === undefined) return flaw("an unknown pseudo field");
    if (section[pseudo] !== undefined) return flaw(`${name} is there twice`);
    if (!isValue(value)) return flaw(`${name} holds what no field may hold`);
    section[pseudo] = value;
  }
  section.hasPseudo = at > 0;
  section.fields = list.slice(at);
  let cookies = 0;
  for (const field of section.fields) {
    const fault = judgeField(field, section);
    if (fault !== undefined) return flaw(fault);
    if (field[0] === "cookie") cookies++;
  }
  if (cookies > 1) section.fields = withJoinedCookie(section.fields);
  return section;
}

function judgeField([name, value]: Field, section: FieldSection): string | undefined {
  if (name.charCodeAt(0) === COLON) return "a pseudo field stands behind others";
  if (!isLowerToken(name)) return "a field name is empty, in upper case or holds what no name may hold";
  if (!isValue(value)) return `the field ${name} holds what no field may hold`;
  switch (name.length) {
    case 2:
      return name === "te" && value !== "trailers" ? "TE may say nothing but trailers" : undefined;
    case 4:
      if (name !== "host") return undefined;
      if (section.host !== undefined) return "Host is there twice";
      section.host = value;
      return undefined;
    case 6:
      // Said twice, it is a list, and never the one expectation that is met.
      if (name === "expect") section.expect = section.expect === undefined ? value : `${section.expect},${value}`;
      return undefined;
    case 14:
      return name === "content-length" ? judgeLength(value, section) : undefined;
    case 7:
    case 10:
    case 16:
    case 17:
      return isOfConnection(name) ? `the field ${name} has no place in HTTP/2` : undefined;
  }
  return undefined;
}

/** Only the one way of writing a number that no reader can take for another: no sign, no zero in front, no list. */
function judgeLength(text: string, section: FieldSection): string | undefined {
  if (section.contentBytes !== undefined) return "content-length is there twice";
  section.contentBytes = Number(text);
  return /^(?:0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(section.contentBytes)
    ? undefined
    : "content-length must be a plain decimal number";
}

/** A cookie is divided so that it compresses better; outside of HTTP/2 it is one (RFC 9113 §8.2.3). */
function withJoinedCookie(fields: Fields): Fields {
  const cookie = fields.filter(([name]) => name === "cookie").map(([, value]) => value).join("; ");
  const first = fields.findIndex(([name]) => name === "cookie");
  return fields.flatMap((field, at): Field[] => {
    if (field[0] !== "cookie") return [field];
    return at === first ? [["cookie", cookie]] : [];
  });
}

function isLowerToken(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if ((OCTET[code]! & TOKEN) === 0 || (code >= 0x41 && code <= 0x5a)) return false;
  }
  return name.length > 0;
}

function isValue(value: string): boolean {
  for (let at = 0; at < value.length; at++) {
    if ((OCTET[value.charCodeAt(at)]! & VALUE) === 0) return false;
  }
  return value.length === 0 || (!isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(value.length - 1)));
}

function isBlank(code: number): boolean {
  return code === SP || code === HTAB;
}

function flaw(detail: string): Flaw {
  return { kind: "flaw", detail };
}
