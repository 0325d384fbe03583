import { assertEquals } from "@std/assert";
import { CODE_BITS, CODES, EOS } from "../../../../lib/wire/http2/hpack/huffman_code.ts";

/** Rows of RFC 7541 appendix B, of every length that there is: symbol, code, bits. */
const ROWS: readonly (readonly [symbol: number, code: number, bits: number])[] = [
  [48, 0x0, 5],
  [116, 0x9, 5],
  [32, 0x14, 6],
  [117, 0x2d, 6],
  [58, 0x5c, 7],
  [122, 0x7b, 7],
  [38, 0xf8, 8],
  [90, 0xfd, 8],
  [33, 0x3f8, 10],
  [63, 0x3fc, 10],
  [39, 0x7fa, 11],
  [124, 0x7fc, 11],
  [35, 0xffa, 12],
  [62, 0xffb, 12],
  [0, 0x1ff8, 13],
  [126, 0x1ffd, 13],
  [94, 0x3ffc, 14],
  [125, 0x3ffd, 14],
  [60, 0x7ffc, 15],
  [123, 0x7ffe, 15],
  [92, 0x7fff0, 19],
  [208, 0x7fff2, 19],
  [128, 0xfffe6, 20],
  [226, 0xfffed, 20],
  [153, 0x1fffdc, 21],
  [230, 0x1fffe8, 21],
  [129, 0x3fffd2, 22],
  [233, 0x3fffeb, 22],
  [1, 0x7fffd8, 23],
  [239, 0x7ffff4, 23],
  [9, 0xffffea, 24],
  [237, 0xfffff5, 24],
  [199, 0x1ffffec, 25],
  [235, 0x1ffffef, 25],
  [192, 0x3ffffe0, 26],
  [255, 0x3ffffee, 26],
  [203, 0x7ffffde, 27],
  [254, 0x7fffff0, 27],
  [2, 0xfffffe2, 28],
  [249, 0xffffffe, 28],
  [10, 0x3ffffffc, 30],
  [22, 0x3ffffffe, 30],
];

Deno.test("CODES are those of RFC 7541, first and last of every length", () => {
  for (const [symbol, code, bits] of ROWS) {
    assertEquals([symbol, CODES[symbol], CODE_BITS[symbol]], [symbol, code, bits]);
  }
  assertEquals([CODES[EOS], CODE_BITS[EOS]], [0x3fffffff, 30]);
  assertEquals(new Set(ROWS.map(([, , bits]) => bits)), new Set(CODE_BITS));
});

Deno.test("CODES fill the tree: no sequence of bits is without a meaning", () => {
  assertEquals(CODE_BITS.length, 257);
  assertEquals(CODE_BITS.reduce((sum, bits) => sum + 2 ** -bits, 0), 1);
});
