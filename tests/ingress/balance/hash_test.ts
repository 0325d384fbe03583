import { assert, assertEquals } from "@std/assert";
import { hash32 } from "../../../lib/ingress/balance/hash.ts";
import { idOf } from "../../support/builders.ts";

Deno.test("hash32() is MurmurHash3 of 32 bits", () => {
  assertEquals(hash32(""), 0);
  assertEquals(hash32("", 1), 0x514e28b7);
  assertEquals(hash32("", 0xffffffff), 0x81f16f39);
  assertEquals(hash32("\uffff\uffff"), 0x76293b50);
  assertEquals(hash32("\u4321\u8765"), 0xf55b516b);
  assertEquals(hash32("\u4321\u8765", 0x5082edee), 0x2362f9de);
  assertEquals(hash32("\u4321"), 0xa0f7b07a);
  assertEquals(hash32("\0\0"), 0x2362f9de);
  assertEquals(hash32("\0"), 0x30f4c306);
});

Deno.test("hash32() spreads keys that look alike evenly", () => {
  const BUCKETS = 64;
  const KEYS = 64_000;
  for (const keyOf of [String, (n: number) => `10.1.${n >> 8}.${n & 255}`, (n: number) => idOf("replica", n)]) {
    const counts = new Array<number>(BUCKETS).fill(0);
    for (let n = 0; n < KEYS; n++) counts[hash32(keyOf(n)) % BUCKETS]!++;
    const mean = KEYS / BUCKETS;
    const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    // 63 degrees of freedom: by chance it is above 103 once in a thousand.
    assert(chiSquare < 103, `${chiSquare}`);
  }
});

Deno.test("hash32() changes half of its bits with one of the text's", () => {
  const bits = (word: number) => word.toString(2).replaceAll("0", "").length;
  let changed = 0;
  for (let n = 0; n < 1_000; n++) changed += bits((hash32(`key-${n}`) ^ hash32(`kex-${n}`)) >>> 0);
  assert(Math.abs(changed / 1_000 - 16) < 0.5, `${changed / 1_000}`);
});
