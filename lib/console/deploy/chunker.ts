/**
 * Where bytes are cut into chunks: where their content says so, and not at multiples of a size, so that what is put in
 * near the beginning of a file leaves the chunks behind it as they are, and the cluster has them already. Pure.
 *
 * A gear hash as in Xia et al., "FastCDC" (USENIX ATC 2016), without its normalisation: a sum that is shifted by one bit
 * with each byte, so that it knows the last 32 of them, and a cut wherever it is small.
 * @module
 */
import { CHUNK_BYTES_MAX } from "../../wire/artifact.ts";

export const CHUNK_BYTES_MIN = 65_536;
/** How far apart cuts are on average, as far as the greatest size lets them be. */
const CHUNK_BYTES_USUAL = 262_144;

/** So many bytes a sum of 32 bits knows. */
const WINDOW_BYTES = 32;
const CUT_BELOW = Math.floor(2 ** 32 / (CHUNK_BYTES_USUAL - CHUNK_BYTES_MIN));
const GEARS = gears();

/** The size of the first chunk of bytes that are all there is, or at least as many as a chunk can have. */
export function firstChunkSize(bytes: Uint8Array): number {
  const end = Math.min(bytes.length, CHUNK_BYTES_MAX);
  let sum = 0;
  // What comes long before the first place that may be cut has been shifted out of the sum by then.
  for (let at = CHUNK_BYTES_MIN - WINDOW_BYTES; at < end; at++) {
    sum = ((sum << 1) + (GEARS[bytes[at] ?? 0] ?? 0)) >>> 0;
    if (sum < CUT_BELOW && at + 1 >= CHUNK_BYTES_MIN) return at + 1;
  }
  return end;
}

/** A number for each byte: any will do, as long as they are the same everywhere and for ever. */
function gears(): Uint32Array {
  const numbers = new Uint32Array(256);
  let state = 0x6d757374;
  for (let at = 0; at < numbers.length; at++) {
    // The finaliser of MurmurHash3, by Austin Appleby (public domain), over a counter.
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    numbers[at] = (mixed ^ (mixed >>> 16)) >>> 0;
  }
  return numbers;
}
