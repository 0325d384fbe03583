import { assertEquals, assertThrows } from "@std/assert";
import { parseAddress } from "../../../lib/ingress/ip_address.ts";
import { isWithin, parseNetworks } from "../../../lib/ingress/seen/networks.ts";

const CASES: readonly [networks: string, inside: readonly string[], outside: readonly string[]][] = [
  ["10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["11.0.0.0", "9.255.255.255", "::a00:1"]],
  ["192.0.2.7", ["192.0.2.7"], ["192.0.2.6"]],
  ["192.0.2.128/25", ["192.0.2.128", "192.0.2.255"], ["192.0.2.127"]],
  ["128.0.0.0/1", ["128.0.0.0", "255.0.0.0"], ["127.255.255.255"]],
  ["0.0.0.0/0", ["1.2.3.4"], ["::1", "2001:db8::1"]],
  ["::/0", ["::1", "2001:db8::1"], ["1.2.3.4", "::ffff:1.2.3.4"]],
  ["2001:db8::/33", ["2001:db8:7fff::1"], ["2001:db8:8000::1"]],
  ["::ffff:10.0.0.0/104", ["10.1.2.3"], ["11.1.2.3"]],
  ["fd00::/8, 127.0.0.1,::1 ,", ["fd12::1%eth0", "127.0.0.1", "::1"], ["fe80::1", "127.0.0.2"]],
  ["", [], ["127.0.0.1", "::1"]],
];

for (const [text, inside, outside] of CASES) {
  Deno.test(`isWithin() keeps to the bounds of "${text}"`, () => {
    const networks = parseNetworks(text);
    const within = [...inside, ...outside].filter((one) => isWithin(parseAddress(one) ?? [0, 0, 0, 0], networks));
    assertEquals(within, inside);
  });
}

const FAULTS: Readonly<Record<string, string>> = {
  "10.0.0.0/33": "its prefix length must be from 0 to 32",
  "::/129": "its prefix length must be from 0 to 128",
  "10.0.0.0/": "its prefix length must be",
  "10.0.0.0/08": "its prefix length must be",
  "10.0.0.0/-1": "its prefix length must be",
  "10.0.0.0/8/8": "expected an IPv4 or IPv6 address",
  "10.0.0.1/8": "it has bits behind its prefix: give 10.0.0.0/8, or 10.0.0.1 alone",
  "2001:db8::1/32": "give 2001:db8::/32, or 2001:db8::1 alone",
  "fe80::1%eth0": "expected an IPv4 or IPv6 address",
  "localhost": "expected an IPv4 or IPv6 address",
  "10.0.0.0 /8": "expected an IPv4 or IPv6 address",
};

for (const [text, message] of Object.entries(FAULTS)) {
  Deno.test(`parseNetworks() refuses "${text}" and says why`, () => {
    assertThrows(() => parseNetworks(`127.0.0.1,${text}`), RangeError, `Cannot read networks: "${text}": `);
    assertThrows(() => parseNetworks(text), RangeError, message);
  });
}

Deno.test("parseNetworks() takes so many and no more", () => {
  assertEquals(parseNetworks("::1,".repeat(1_000)).length, 1_000);
  assertThrows(() => parseNetworks("::1,".repeat(1_001)), RangeError, "give at most 1000");
});
