import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { encodeLatin1 } from "../../../../lib/wire/http1/octets.ts";
import { decodeHuffman } from "../../../../lib/wire/http2/hpack/huffman.ts";
import { CODE_BITS, CODES, EOS } from "../../../../lib/wire/http2/hpack/huffman_code.ts";

Deno.test("decodeHuffman() reads what every octet is encoded to, in any order", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
    const code = encode([...octets]);
    assertEquals(decodeHuffman(code, 0, code.length), String.fromCharCode(...octets));
  }));
});

Deno.test("decodeHuffman() reads a string that is longer than the most", () => {
  const text = "a".repeat(50_000);
  const code = encode([...encodeLatin1(text)]);
  assertEquals(decodeHuffman(code, 0, code.length), text);
});

Deno.test("decodeHuffman() refuses padding of more than seven bits, or that isn't all ones", () => {
  assertEquals(decodeHuffman(Uint8Array.of(0xff), 0, 1), undefined);
  assertEquals(decodeHuffman(Uint8Array.of(0x1f, 0xff), 0, 2), undefined);
  assertEquals(decodeHuffman(Uint8Array.of(0x1f), 0, 1), "a");
  assertEquals(decodeHuffman(Uint8Array.of(0x18), 0, 1), undefined);
  assertEquals(decodeHuffman(Uint8Array.of(0x1e), 0, 1), undefined);
});

Deno.test("decodeHuffman() refuses EOS wherever it stands in a string", () => {
  const symbols = fc.array(fc.constantFrom(0x30, 0x61, 0x3a, 0x26, 0x21, 0x7c, 0x23, 0xff), { maxLength: 8 });
  fc.assert(fc.property(symbols, symbols, (before, after) => {
    const code = encode([...before, EOS, ...after]);
    assertEquals(decodeHuffman(code, 0, code.length), undefined);
  }));
});

Deno.test("decodeHuffman() comes to an end with any octets", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
    const text = decodeHuffman(octets, 0, octets.length);
    // What is valid is the only way to say it.
    if (text !== undefined) assertEquals(encode([...encodeLatin1(text)]), octets);
  }));
});

function encode(symbols: readonly number[]): Uint8Array {
  const bits = symbols.map((symbol) => CODES[symbol]!.toString(2).padStart(CODE_BITS[symbol]!, "0")).join("");
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
  return Uint8Array.from(padded.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
}
