/**
 * The line before a chunk: its size in hexadecimal, and extensions, which are checked and dropped (RFC 9112 §7.1).
 * @module
 */

import { type ErrorEvent, refuse } from "./event.ts";
import { decodeLatin1 } from "./octets.ts";

/** More digits than any size needs; 13 are 2^52. Zeros in front count. */
const DIGITS_MAX = 13;
const SEMICOLON = 0x3b;
const TOKEN_RUN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const QUOTED = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"';
// Each piece begins with a character that the one before it can't hold: the match takes time in proportion to length.
const EXTENSIONS = new RegExp(`^(?:;${TOKEN_RUN}(?:=(?:${TOKEN_RUN}|${QUOTED}))?)+$`);

/** The size that the line from `start` to `end` declares. */
export function chunkBytes(bytes: Uint8Array, start: number, end: number): number | ErrorEvent {
  let size = 0;
  let at = start;
  for (; at < end; at++) {
    const digit = hexDigit(bytes[at]!);
    if (digit < 0) break;
    if (at - start === DIGITS_MAX) return refuse(400, `a chunk's size has more than ${DIGITS_MAX} digits`);
    size = size * 16 + digit;
  }
  if (at === start) return refuse(400, "a chunk's size must be a hexadecimal number");
  if (at === end) return size;
  if (bytes[at] !== SEMICOLON) return refuse(400, "a chunk's size must be a plain hexadecimal number");
  return EXTENSIONS.test(decodeLatin1(bytes, at, end)) ? size : refuse(400, "a chunk's extension is malformed");
}

function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
