import { Buffer } from "node:buffer";
import { assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { CHUNK_BYTES_MIN, firstChunkSize } from "../../../lib/console/deploy/chunker.ts";
import { CHUNK_BYTES_MAX } from "../../../lib/wire/artifact.ts";
import { digestOf } from "../../../lib/wire/digest.ts";

const MIB = 1_048_576;

/** Bytes like those of a program: nothing in them repeats. */
function bytesOf(seed: number, length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = (seed % 0xffff_ffff) + 1;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = firstChunkSize(bytes.subarray(at));
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const content = fc.record({ seed: fc.nat(), length: fc.nat(2 * MIB) });

Deno.test("firstChunkSize() cuts so that the chunks together are the bytes, and none is too large or, but the last, too small", () => {
  fc.assert(
    fc.property(content, ({ seed, length }) => {
      const bytes = bytesOf(seed, length);
      const chunks = chunksOf(bytes);
      assertEquals(Buffer.compare(Buffer.concat(chunks), bytes), 0);
      for (const chunk of chunks) assertEquals(chunk.length > 0 && chunk.length <= CHUNK_BYTES_MAX, true);
      for (const chunk of chunks.slice(0, -1)) assertEquals(chunk.length >= CHUNK_BYTES_MIN, true);
    }),
    { numRuns: 8 },
  );
});

Deno.test("firstChunkSize() leaves all but a few chunks as they are when something is put in", () => {
  const change = fc.record({
    seed: fc.nat(),
    at: fc.nat(8 * MIB),
    put: fc.uint8Array({ minLength: 1, maxLength: 1_000 }),
  });
  fc.assert(
    fc.property(change, ({ seed, at, put }) => {
      const before = bytesOf(seed, 8 * MIB);
      const after = new Uint8Array(before.length + put.length);
      after.set(before.subarray(0, at));
      after.set(put, at);
      after.set(before.subarray(at), at + put.length);
      const known = new Set(chunksOf(before).map(digestOf));
      const fresh = chunksOf(after).map(digestOf).filter((digest) => !known.has(digest));
      assertLess(fresh.length, 12, "chunks that would be sent");
    }),
    { numRuns: 6, seed: 7 },
  );
});

Deno.test("firstChunkSize() makes the largest chunks of what is the same all over, and none of nothing", () => {
  assertEquals(chunksOf(new Uint8Array(3 * MIB)).map(({ length }) => length), [MIB, MIB, MIB]);
  assertEquals(chunksOf(new Uint8Array()), []);
});

Deno.test("firstChunkSize() cuts where it always did: what clusters have stays known", () => {
  const sizes = chunksOf(bytesOf(1, 2 * MIB)).map(({ length }) => length);
  assertEquals(sizes.slice(0, 4), [131_413, 179_464, 76_466, 147_550]);
});
