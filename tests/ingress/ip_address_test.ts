import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Address,
  addressOf,
  bytesOf,
  formatAddress,
  isV4,
  parseAddress,
  V4_BYTES,
  V6_BYTES,
} from "../../lib/ingress/ip_address.ts";

const SAME: Readonly<Record<string, string>> = {
  "192.0.2.7": "192.0.2.7",
  "0.0.0.0": "0.0.0.0",
  "255.255.255.255": "255.255.255.255",
  "::ffff:192.0.2.7": "192.0.2.7",
  "::FFFF:c000:207": "192.0.2.7",
  "0:0:0:0:0:ffff:192.0.2.7": "192.0.2.7",
  "::": "::",
  "::1": "::1",
  "1::": "1::",
  "2001:DB8:0:0:0:0:0:1": "2001:db8::1",
  "2001:0db8::0001": "2001:db8::1",
  "2001:db8:0:1:1:1:1:1": "2001:db8:0:1:1:1:1:1",
  "2001:0:0:1:0:0:0:1": "2001:0:0:1::1",
  "2001:db8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
  "1:2:3:4:5:6:7::": "1:2:3:4:5:6:7:0",
  "64:ff9b::192.0.2.33": "64:ff9b::c000:221",
  "fe80::1%eth0": "fe80::1",
  "::ffff:192.0.2.7%lo": "192.0.2.7",
};

for (const [text, same] of Object.entries(SAME)) {
  Deno.test(`parseAddress() reads ${text} as ${same}`, () => {
    const address = parseAddress(text);
    assertEquals(address && formatAddress(address), same);
    assertEquals(address && isV4(address), same.includes("."));
  });
}

const WRONG = [
  ..."|x|1|1.2.3|1.2.3.4.5|256.1.1.1|01.2.3.4|1.2.3.4 | 1.2.3.4|1.2.3.4:80|1.2.3.4%eth0|0x1.2.3.4|1.2.3.-4".split("|"),
  ...":|:::|1:2:3:4:5:6:7|1:2:3:4:5:6:7:8:9|1:2:3:4:5:6:7:8::|::1::2|12345::|g::|1.2.3.4::|::1.2.3|::1.2.3.4:5".split(
    "|",
  ),
  ...["[::1]", "::1%", "::1%a b", "::1/64", "1:2:3:4:5:6:7:1.2.3.4", ":1", "1:", `::1%${"x".repeat(100)}`, "é::"],
];

for (const text of WRONG) {
  Deno.test(`parseAddress() reads no address in "${text}"`, () => assertEquals(parseAddress(text), undefined));
}

Deno.test("parseAddress() reads what formatAddress() writes", () => {
  const word = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat({ max: 0xffff_ffff }));
  fc.assert(fc.property(word, word, word, word, (...words) => {
    const address: Address = words;
    assertEquals(parseAddress(formatAddress(address)), address);
  }));
});

Deno.test("parseAddress() reads every address of either kind", () => {
  fc.assert(fc.property(fc.ipV4(), (text) => assertEquals(formatAddress(parseAddress(text) ?? [0, 0, 0, 0]), text)));
  fc.assert(fc.property(fc.ipV6(), (text) => assertEquals(parseAddress(text)?.length, 4)));
});

Deno.test("addresses are the same after they were bytes", () => {
  for (const text of ["10.0.0.1", "255.255.255.255", "2001:db8::1", "::", "fe80::1:2:3:4"]) {
    const address = parseAddress(text)!;
    for (const length of isV4(address) ? [V4_BYTES, V6_BYTES] as const : [V6_BYTES] as const) {
      const bytes = bytesOf(address, length);
      assertEquals([bytes.length, formatAddress(addressOf(bytes))], [length, text]);
    }
  }
});
