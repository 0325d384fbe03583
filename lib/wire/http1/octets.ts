/**
 * Which octets may stand where in HTTP/1.1 (RFC 9110 §5, RFC 9112), as one table of 256 entries, and the way between
 * octets and strings. A head is Latin-1: one octet is one character, so that what came in goes out byte for byte.
 * @module
 */

/** Bits of {@linkcode OCTET}: may stand in a token, in a field value, in a request target, in a start line. */
export const TOKEN = 1;
export const VALUE = 2;
export const TARGET = 4;
export const START_LINE = 8;

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;

/** For each octet, the places where it may stand. */
export const OCTET: Uint8Array = makeTable();

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
/** Shorter runs are decoded faster without the built-in decoder, which has a price for each call. */
const DECODER_PAYS = 32;
/** `String.fromCharCode` takes its octets as arguments, which live on the stack. */
const DECODE_BLOCK = 8_192;
/** What the built-in decoder puts where octets are no UTF-8. */
const REPLACEMENT = "\ufffd";

/** True for a non-empty run of token characters: a method, a field name, a coding. */
export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f || (OCTET[code]! & TOKEN) === 0) return false;
  }
  return text.length > 0;
}

/** Octets as a Latin-1 string. (`TextDecoder("latin1")` would be windows-1252: it alters 0x80 to 0x9f.) */
export function decodeLatin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start >= DECODER_PAYS) {
    // As nearly every head is ASCII, where UTF-8 and Latin-1 agree. All else gets shorter, or is replaced.
    const text = DECODER.decode(bytes.subarray(start, end));
    if (text.length === end - start && !text.includes(REPLACEMENT)) return text;
  }
  let text = "";
  for (let at = start; at < end; at += DECODE_BLOCK) {
    const block = bytes.subarray(at, Math.min(at + DECODE_BLOCK, end));
    text += String.fromCharCode.apply(null, block as unknown as number[]);
  }
  return text;
}

/** A string of characters up to U+00FF as octets. What lies above is a caller's mistake, caught by `encode.ts`. */
export function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeLatin1(text, bytes);
  return bytes;
}

/** Writes a string as octets, one for each character, to the beginning of bytes that have room for them. */
export function writeLatin1(text: string, bytes: Uint8Array): void {
  // The built-in encoder is ten times faster; what of its work isn't Latin-1 is overwritten.
  const { read, written } = ENCODER.encodeInto(text, bytes);
  if (read === text.length && written === text.length) return;
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
}

function makeTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (let octet = 0x21; octet <= 0x7e; octet++) table[octet] = VALUE | TARGET | START_LINE;
  for (let octet = 0x80; octet <= 0xff; octet++) table[octet] = VALUE | START_LINE;
  table[SP] = VALUE | START_LINE;
  table[HTAB] = VALUE | START_LINE;
  for (const mark of "!#$%&'*+-.^_`|~") table[mark.charCodeAt(0)]! |= TOKEN;
  for (let octet = 0x30; octet <= 0x7a; octet++) {
    if (/[0-9A-Za-z]/.test(String.fromCharCode(octet))) table[octet]! |= TOKEN;
  }
  // A fragment never belongs in a request: two readers would cut the path at two places.
  table[0x23]! &= ~TARGET;
  return table;
}
