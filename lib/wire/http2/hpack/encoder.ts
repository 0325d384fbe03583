/**
 * Fields as header blocks (RFC 7541 §6). Nothing is remembered from block to block: what the static table has is named
 * by number, all else is a literal that is never to be indexed. So a connection's encoder holds no memory, secrets don't
 * leak by how well they compress, and what a client marked as secret stays marked on its next hop. Octets go as they
 * are: the few that Huffman's code saves cost more time than they are worth.
 * @module
 */

import { OCTET, TOKEN, VALUE } from "../../http1/octets.ts";
import type { OutputBuffer } from "../output_buffer.ts";
import { STATIC_TABLE } from "./static_table.ts";

/** Says once that the table stays empty, whatever size a peer allows, now or later. */
export const EMPTY_TABLE = 0x20;

const INDEXED = 0x80;
const NEVER_INDEXED = 0x10;

interface Known {
  /** The first entry of that name. */
  index: number;
  /** The entries with a value. */
  values: Map<string, number>;
}

const KNOWN: ReadonlyMap<string, Known> = knownNames();

/**
 * Appends one field. Its name is in lower case; pseudo fields begin with a colon. A field that HTTP doesn't allow is a
 * mistake of the caller and throws: nothing that came through a reader can be one.
 */
export function encodeField(output: OutputBuffer, name: string, value: string): void {
  const known = KNOWN.get(name);
  const exact = known?.values.get(value);
  if (exact !== undefined) {
    output.octet(INDEXED | exact);
    return;
  }
  if (known !== undefined) {
    encodeInteger(output, known.index, { first: NEVER_INDEXED, prefix: 0x0f });
  } else {
    if (!fits(name, TOKEN) || name === "" || name !== name.toLowerCase()) {
      throw new TypeError(`Cannot encode field: "${name}" is not a field name in lower case`);
    }
    output.octet(NEVER_INDEXED);
    encodeString(output, name);
  }
  if (!fits(value, VALUE)) throw new TypeError(`Cannot encode field "${name}": its value holds control characters`);
  encodeString(output, value);
}

/** RFC 7541 §5.1. `prefix` has the bits set that the integer may use in its first octet. */
export function encodeInteger(
  output: OutputBuffer,
  value: number,
  { first, prefix }: { first: number; prefix: number },
): void {
  if (value < prefix) {
    output.octet(first | value);
    return;
  }
  output.octet(first | prefix);
  let rest = value - prefix;
  for (; rest >= 0x80; rest >>>= 7) output.octet(rest & 0x7f | 0x80);
  output.octet(rest);
}

function encodeString(output: OutputBuffer, text: string): void {
  encodeInteger(output, text.length, { first: 0, prefix: 0x7f });
  output.latin1(text);
}

function fits(text: string, place: number): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0xff || (OCTET[code]! & place) === 0) return false;
  }
  return true;
}

function knownNames(): Map<string, Known> {
  const names = new Map<string, Known>();
  for (const [at, [name, value]] of STATIC_TABLE.entries()) {
    const known = names.get(name) ?? { index: at + 1, values: new Map() };
    names.set(name, known);
    if (value !== "") known.values.set(value, at + 1);
  }
  return names;
}
