/**
 * What becomes of a message's fields on its way through the engine: all go on in their order and spelling, save those
 * of one connection, and those by which only the edge can say where a request came from. Pure.
 * @module
 */
import { endToEndFields } from "../../wire/http1/end_to_end.ts";
import type { Framing, RequestHead, ResponseHead } from "../../wire/http1/event.ts";
import type { Client } from "../seen/peer_address.ts";
import { type Field, type Fields, fieldValue, isNamed, listMembers } from "../../wire/http1/fields.ts";

/** What only the edge knows for certain. */
const SET_ANEW = new Set(["forwarded", "via", "x-real-ip"]);
const FORWARDED_PREFIX = "x-forwarded-";
const VIA = "1.1 muster";

/** The fields of a request as the replica is to see them. */
export function requestFields(head: RequestHead, { forwardedFor, scheme, host }: Client, added: Fields = []): Field[] {
  const fields: Field[] = [];
  let hasHost = false;
  for (const field of endToEndFields(head.fields)) {
    if (isNamed(field, "host")) {
      hasHost = true;
      // The target's authority stands in for a Host that says otherwise.
      fields.push(head.form === "absolute" ? [field[0], head.authority] : field);
    } else if (!isSetAnew(field[0]) && !isExpectation(field, head) && !isAmong(field, added)) fields.push(field);
  }
  if (!hasHost) fields.push(["Host", head.authority || host]);
  fields.push(["X-Forwarded-For", forwardedFor], ["X-Forwarded-Host", host], ["X-Forwarded-Proto", scheme]);
  fields.push(["Via", VIA], ...added);
  const upgrade = upgradeOf(head);
  if (upgrade !== undefined) fields.push(["Connection", "Upgrade"], ["Upgrade", upgrade]);
  if (head.framing.kind === "chunked") fields.push(["Transfer-Encoding", "chunked"]);
  return fields;
}

/** The length and the first letter are looked at first: most names differ there already. */
function isSetAnew(name: string): boolean {
  if (name.length < FORWARDED_PREFIX.length ? name.length !== 3 && name.length !== 9 : !/^x/i.test(name)) return false;
  // A careless replica takes `X_Real_IP` for the field that it must not be.
  const lower = name.toLowerCase().replaceAll("_", "-");
  return SET_ANEW.has(lower) || lower.startsWith(FORWARDED_PREFIX);
}

/** Nobody waits for the 100 of a request from a client that can't be sent one. */
function isExpectation(field: Field, { expectContinue }: RequestHead): boolean {
  return !expectContinue && isNamed(field, "expect");
}

function isAmong([name]: Field, added: Fields): boolean {
  return added.length > 0 && added.some((one) => isNamed(one, name.toLowerCase()));
}

/** The protocol that a request asks to go on with; HTTP/2 without TLS is never agreed to. */
export function upgradeOf({ method, version, fields, framing }: RequestHead): string | undefined {
  if (version === "1.0" || method !== "GET" || framing.kind !== "none") return undefined;
  const wanted = fieldValue(fields, "upgrade");
  if (wanted === undefined || !listMembers(fields, "connection").includes("upgrade")) return undefined;
  return /(^|,)\s*h2c\s*(,|$)/i.test(wanted) ? undefined : wanted;
}

/** The fields of an answer as the client is to see them, whatever its connection is. */
export function answerFields(head: Pick<ResponseHead, "status" | "fields">, added: Fields): Field[] {
  const kept = endToEndFields(head.fields);
  // An answer without content may not count it (RFC 9110 §8.6), but for those that say what would have come.
  const fields = head.status === 204 ? kept.filter((field) => !isNamed(field, "content-length")) : kept;
  fields.push(...added);
  return fields;
}

/** The fields of an answer by which a connection becomes something else. */
export function switchedFields({ fields }: ResponseHead): Field[] {
  const upgrade = fieldValue(fields, "upgrade");
  return [
    ...interimFields(fields),
    ["Connection", "Upgrade"],
    ...(upgrade === undefined ? [] : [["Upgrade", upgrade] as const]),
  ];
}

/** The fields of an answer below 200: it has no content, and may not speak of any (RFC 9110 §8.6). */
export function interimFields(fields: Fields): Field[] {
  return endToEndFields(fields).filter((field) => !isNamed(field, "content-length"));
}

/** Whether a message has content that goes on until it ends, and is not counted. */
export function isOpenEnded(framing: Framing): boolean {
  return framing.kind === "chunked" || framing.kind === "close";
}
