/**
 * Which trace a request belongs to (W3C Trace Context). A valid one is passed on with the ingress as the new parent, all
 * else is replaced by a trace that begins here; what a client sends in any other shape never reaches a replica.
 * Chance is an argument.
 * @module
 */
import { type Field, type Fields, isNamed } from "../../wire/http1/fields.ts";

/** How many random bytes a trace takes: for its own id, and for the ingress as a parent. */
export const TRACE_BYTES = 24;

/** Version, trace, parent, flags. What a later version adds stands behind another dash. */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-([\da-f]{2})(-.*)?$/;
const SAMPLED = 0x01;
const RANDOM_ID = 0x02;

const STATE_MEMBERS_MAX = 32;
const STATE_CHARS_MAX = 8_192;
const STATE_KEY = /^(?:[a-z\d][a-z\d_\-*/]{0,255}|[a-z\d][a-z\d_\-*/]{0,240}@[a-z][a-z\d_\-*/]{0,13})$/;
const STATE_VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

export interface Trace {
  traceId: string;
  /** The field for the replica. */
  traceparent: string;
  /** What others have put down about this trace. */
  tracestate?: string;
}

export interface TraceOptions {
  /** {@linkcode TRACE_BYTES} of chance. */
  bytes: Uint8Array;
  /** Whether a trace that begins here is to be recorded by those behind. */
  isSampled: boolean;
}

/** The trace of a request with these fields, as it goes on. */
export function traceOf(fields: Fields, { bytes, isSampled }: TraceOptions): Trace {
  const parent = idOf(bytes, { from: 16, to: TRACE_BYTES });
  const [, version, traceId, flags = "00", more] = TRACEPARENT.exec(only(fields, "traceparent") ?? "") ?? [];
  if (traceId === undefined || (version === "00" && more !== undefined)) {
    const begun = idOf(bytes, { from: 0, to: 16 });
    return { traceId: begun, traceparent: traceparent(begun, parent, RANDOM_ID | (isSampled ? SAMPLED : 0)) };
  }
  const kept = parseInt(flags, 16) & (SAMPLED | RANDOM_ID);
  const tracestate = stateOf(fields);
  return { traceId, traceparent: traceparent(traceId, parent, kept), ...(tracestate && { tracestate }) };
}

/** The trace as fields, for a request whose own were taken out. */
export function traceFields({ traceparent, tracestate }: Trace): Field[] {
  const parent: Field = ["traceparent", traceparent];
  return tracestate === undefined ? [parent] : [parent, ["tracestate", tracestate]];
}

function traceparent(traceId: string, parent: string, flags: number): string {
  return `00-${traceId}-${parent}-0${flags}`;
}

function idOf(bytes: Uint8Array, { from, to }: { from: number; to: number }): string {
  const id = bytes.subarray(from, to).toHex();
  // All zeros mean none: as likely as guessing a key, but a law is a law.
  return /[^0]/.test(id) ? id : `${id.slice(0, -1)}1`;
}

/** The field's value; undefined when there is none, or more than one. */
function only(fields: Fields, name: string): string | undefined {
  let value: string | undefined;
  for (const field of fields) {
    if (!isNamed(field, name)) continue;
    if (value !== undefined) return undefined;
    value = field[1];
  }
  return value;
}

/** The members of all such fields as one; undefined when there are none, or one that is wrong: then none is believed. */
function stateOf(fields: Fields): string | undefined {
  const lines = fields.filter((field) => isNamed(field, "tracestate")).map(([, value]) => value);
  const whole = lines.join(",");
  if (whole === "" || whole.length > STATE_CHARS_MAX) return undefined;
  const members = whole.split(",").map((member) => member.replace(/^[ \t]+|[ \t]+$/g, "")).filter((text) =>
    text !== ""
  );
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf("="))));
  const isValid = members.length <= STATE_MEMBERS_MAX && keys.size === members.length && members.every(isMember);
  return isValid && members.length > 0 ? members.join(",") : undefined;
}

function isMember(member: string): boolean {
  const at = member.indexOf("=");
  return at > 0 && STATE_KEY.test(member.slice(0, at)) && STATE_VALUE.test(member.slice(at + 1));
}
