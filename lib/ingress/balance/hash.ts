/**
 * A quick hash that scatters well and is the same in every worker and on every host: for the places on the ring and for
 * the names in sticky cookies. It keeps no secret and resists nobody who looks for collisions.
 * @module
 */

/** MurmurHash3, x86, 32 bits (Austin Appleby, public domain), of a text's UTF-16 in little-endian order. */
export function hash32(text: string, seed = 0): number {
  let hash = seed | 0;
  const pairs = text.length & ~1;
  for (let at = 0; at < pairs; at += 2) {
    hash ^= scrambled(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64 | 0;
  }
  if (pairs < text.length) hash ^= scrambled(text.charCodeAt(pairs));
  return finished(hash ^ (text.length * 2));
}

function scrambled(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

/** Lets every bit of the input touch every bit of the result. */
function finished(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
