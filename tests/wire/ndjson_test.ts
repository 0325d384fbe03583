import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { LineTooLong, readLines } from "../../lib/wire/ndjson.ts";

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks);
}

async function linesOf(chunks: readonly Uint8Array[], lineBytesMax = 1_000): Promise<string[]> {
  return await Array.fromAsync(readLines(streamOf(chunks), { lineBytesMax }));
}

Deno.test("readLines() gives the same lines however the bytes are cut, within characters too", async () => {
  const text = '{"a":"ä€𝄞"}\r\n\n{"b":2}\n{"c":"not ended';
  const bytes = new TextEncoder().encode(text);
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 10 }), async (cuts) => {
    const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
    const chunks = at.slice(1).map((to, index) => bytes.slice(at[index], to));
    assertEquals(await linesOf(chunks), ['{"a":"ä€𝄞"}', '{"b":2}']);
  }));
});

Deno.test("readLines() gives up a line that is longer than allowed", async () => {
  const chunk = new Uint8Array(60).fill(0x61);
  await assertRejects(() => linesOf([chunk, chunk], 100), LineTooLong);
});
