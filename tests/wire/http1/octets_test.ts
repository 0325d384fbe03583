import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeLatin1, encodeLatin1, writeLatin1 } from "../../../lib/wire/http1/octets.ts";

const ASCII = "GET / HTTP/1.1 and so on, far enough for the built-in decoder";

Deno.test("decodeLatin1() makes one character of each octet, also where the octets would be UTF-8", () => {
  for (const octets of [[0xc3, 0xa4], [0xef, 0xbb, 0xbf], [0x80], [0xf0, 0x9f, 0x98, 0x80], [0xff, 0xfe]]) {
    const text = String.fromCharCode(...octets);
    for (const whole of [text + ASCII, ASCII + text]) {
      const bytes = Uint8Array.from(whole, (character) => character.charCodeAt(0));
      assertEquals(decodeLatin1(bytes), whole);
    }
  }
});

Deno.test("property: decodeLatin1() and encodeLatin1() are each other's inverse", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ unit: "binary", maxLength: 100 }).map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(fc.property(bytes, fc.nat(40), (octets, from) => {
    const start = Math.min(from, octets.length);
    assertEquals(encodeLatin1(decodeLatin1(octets, start)), octets.slice(start));
  }));
});

Deno.test("writeLatin1() writes one octet for each character into bytes that were used before", () => {
  const bytes = new Uint8Array(6).fill(0x2a);
  writeLatin1("a\xe4b", bytes);
  assertEquals(decodeLatin1(bytes, 0, 3), "a\xe4b");
});
