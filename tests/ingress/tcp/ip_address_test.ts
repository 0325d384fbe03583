import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { addressBytes, addressText, asIpv6 } from "../../../lib/ingress/tcp/ip_address.ts";

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

Deno.test("addressBytes() reads back what addressText() writes", () => {
  // Zeros are frequent, as they are what the short form is about.
  const groups = fc.array(fc.oneof(fc.constant([0, 0]), fc.tuple(fc.nat(255), fc.nat(255))), {
    minLength: 8,
    maxLength: 8,
  }).map((pairs) => Uint8Array.from(pairs.flat()));
  fc.assert(fc.property(fc.oneof(bytesOf(4), bytesOf(16), groups), (bytes) => {
    assertEquals(addressBytes(addressText(bytes)), bytes);
  }));
});

Deno.test("addressText() writes what the URL parser takes for the shortest form", () => {
  fc.assert(fc.property(bytesOf(16), (bytes) => {
    const text = addressText(bytes);
    if (!text.includes(".")) assertEquals(new URL(`http://[${text}]/`).hostname, `[${text}]`);
  }));
});

for (
  const [text, canonical] of [
    ["127.0.0.1", "127.0.0.1"],
    ["::", "::"],
    ["::1", "::1"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::ffff:10.0.0.1", "::ffff:10.0.0.1"],
    ["::ffff:a00:1", "::ffff:10.0.0.1"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
    ["1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"],
  ] as const
) {
  Deno.test(`${text} is the address ${canonical}`, () => {
    const bytes = addressBytes(text);
    assertEquals(bytes && addressText(bytes), canonical);
  });
}

for (
  const text of [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1:2:3",
    "1:2:3:4:5:6:7:8:9",
    ":::",
    "1::2::3",
    "12345::",
    ":1",
    "1:2:3:4:5:6:7::8",
    "1.2.3.4::1",
    "g::",
    "localhost",
    "/run/socket",
    "1".repeat(100),
  ]
) {
  Deno.test(`addressBytes() takes ${JSON.stringify(text).slice(0, 30)} for no address`, () => {
    assertEquals(addressBytes(text), undefined);
  });
}

Deno.test("asIpv6() maps IPv4 and leaves IPv6 as it is", () => {
  const [four, six] = [addressBytes("10.0.0.1")!, addressBytes("2001:db8::1")!];
  assertEquals([asIpv6(four), asIpv6(six)].map(addressText), ["::ffff:10.0.0.1", "2001:db8::1"]);
});
