import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseAddress } from "../../../lib/ingress/ip_address.ts";
import { isWithin, parseNetworks } from "../../../lib/ingress/seen/networks.ts";
import { type Arrival, clientOf, limitKeyOf, peerOf } from "../../../lib/ingress/seen/peer_address.ts";
import type { Field, Fields } from "../../../lib/wire/http1/fields.ts";

const TRUSTED = parseNetworks("10.0.0.0/8,fd00::/8");
const FROM_PROXY: Arrival = { peer: peerOf("10.0.0.1", TRUSTED), scheme: "http", host: "inner:8080" };
const FROM_STRANGER: Arrival = { ...FROM_PROXY, peer: peerOf("203.0.113.9", TRUSTED) };

const xff = (...values: string[]): Field[] => values.map((value) => ["X-Forwarded-For", value]);
const forwarded = (value: string): Field[] => [["Forwarded", value]];

const CLIENTS: readonly [name: string, fields: Fields, address: string, forwardedFor: string][] = [
  ["no field", [], "10.0.0.1", "10.0.0.1"],
  ["one client", xff("192.0.2.1"), "192.0.2.1", "192.0.2.1, 10.0.0.1"],
  ["a forged address before the client's", xff("1.1.1.1, 192.0.2.1"), "192.0.2.1", "192.0.2.1, 10.0.0.1"],
  ["a second trusted proxy", xff("1.1.1.1, 192.0.2.1, 10.0.0.2"), "192.0.2.1", "192.0.2.1, 10.0.0.2, 10.0.0.1"],
  ["several lines", xff("192.0.2.1", "10.0.0.2"), "192.0.2.1", "192.0.2.1, 10.0.0.2, 10.0.0.1"],
  ["trusted addresses alone", xff("10.0.0.3, 10.0.0.2"), "10.0.0.3", "10.0.0.3, 10.0.0.2, 10.0.0.1"],
  ["what is no address before the client's", xff("unknown, 192.0.2.1"), "192.0.2.1", "192.0.2.1, 10.0.0.1"],
  ["what is no address", xff("192.0.2.1, evil"), "10.0.0.1", "10.0.0.1"],
  ["what is no address among proxies", xff("192.0.2.1, _x, 10.0.0.2"), "10.0.0.2", "10.0.0.2, 10.0.0.1"],
  ["ports", xff("192.0.2.1:80, [fd00::2]:81"), "192.0.2.1", "192.0.2.1, fd00::2, 10.0.0.1"],
  ["IPv6 in brackets", xff("[2001:DB8::1]"), "2001:db8::1", "2001:db8::1, 10.0.0.1"],
  ["a mapped address", xff("::ffff:192.0.2.1"), "192.0.2.1", "192.0.2.1, 10.0.0.1"],
  ["empty members", xff(" , ,192.0.2.1,, "), "192.0.2.1", "192.0.2.1, 10.0.0.1"],
  ["Forwarded", forwarded("for=1.1.1.1, for=192.0.2.1;proto=https"), "192.0.2.1", "192.0.2.1, 10.0.0.1"],
  ["Forwarded, quoted", forwarded('For="[2001:db8::1]:80"'), "2001:db8::1", "2001:db8::1, 10.0.0.1"],
  ["Forwarded without an address", forwarded("for=unknown;proto=https"), "10.0.0.1", "10.0.0.1"],
  ["Forwarded without for", forwarded("proto=https"), "10.0.0.1", "10.0.0.1"],
  ["both kinds", [...forwarded("for=1.1.1.1"), ...xff("192.0.2.1")], "192.0.2.1", "192.0.2.1, 10.0.0.1"],
];

for (const [name, fields, address, forwardedFor] of CLIENTS) {
  Deno.test(`clientOf() finds the client behind a trusted proxy by ${name}`, () => {
    const client = clientOf(fields, FROM_PROXY, TRUSTED);
    assertEquals([client.address, client.forwardedFor], [address, forwardedFor]);
  });
  Deno.test(`clientOf() believes a stranger nothing: ${name}`, () => {
    const [address, { scheme, host }] = ["203.0.113.9", FROM_STRANGER];
    assertEquals(clientOf(fields, FROM_STRANGER, TRUSTED), { address, scheme, host, forwardedFor: address });
  });
}

const WAYS: readonly [name: string, fields: Fields, scheme: string, host: string][] = [
  ["nothing", [], "http", "inner:8080"],
  ["the scheme", [["x-forwarded-proto", "HTTPS"]], "https", "inner:8080"],
  ["another scheme", [["x-forwarded-proto", "gopher"]], "http", "inner:8080"],
  ["the last of several", [["x-forwarded-proto", "http, https"]], "https", "inner:8080"],
  ["the host", [["x-forwarded-host", "web.example.org"]], "http", "web.example.org"],
  ["what is no host", [["x-forwarded-host", "evil@host/x"]], "http", "inner:8080"],
  [
    "all of them",
    [...xff("192.0.2.1"), ["x-forwarded-proto", "https"], ["x-forwarded-host", "web.example.org:8443"]],
    "https",
    "web.example.org:8443",
  ],
  [
    "the element of the client",
    forwarded('for=1.1.1.1;host=forged, for=192.0.2.1;host="web.example.org";proto=https, for=10.0.0.2;proto=http'),
    "https",
    "web.example.org",
  ],
];

for (const [name, fields, scheme, host] of WAYS) {
  Deno.test(`clientOf() learns scheme and host from ${name}`, () => {
    const client = clientOf(fields, FROM_PROXY, TRUSTED);
    assertEquals([client.scheme, client.host], [scheme, host]);
  });
}

Deno.test("peerOf() knows a proxy by its address however the system writes it", () => {
  for (const address of ["::ffff:10.0.0.1", "10.0.0.1"]) {
    assertEquals(peerOf(address, TRUSTED), { address: "10.0.0.1", isTrusted: true });
  }
  assertEquals(peerOf("fd00::1%eth0", TRUSTED), { address: "fd00::1", isTrusted: true });
  assertEquals(peerOf("10.0.0.1", []), { address: "10.0.0.1", isTrusted: false });
  assertEquals(peerOf("unix", TRUSTED), { address: "unix", isTrusted: false });
});

Deno.test("clientOf() looks at so many hops and no more", () => {
  const { forwardedFor } = clientOf(xff(Array(1_000).fill("10.0.0.2").join(",")), FROM_PROXY, TRUSTED);
  assertEquals(forwardedFor.split(", ").length, 33);
});

Deno.test("clientOf() names a client that a trusted proxy has named, or that proxy; whatever the field holds", () => {
  const member = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom("10.0.0.2", "fd00::1", "", "unknown", '"'),
    fc.string(),
  );
  fc.assert(fc.property(fc.array(member, { maxLength: 8 }), (members) => {
    const { address, forwardedFor } = clientOf(xff(members.join(",")), FROM_PROXY, TRUSTED);
    const chain = forwardedFor.split(", ");
    assertEquals([chain[0], chain.at(-1)], [address, "10.0.0.1"]);
    const isTrusted = (text: string) => isWithin(parseAddress(text) ?? [0, 0, 0, 0], TRUSTED);
    assert(chain.slice(1).every(isTrusted));
  }));
});

Deno.test("limitKeyOf() takes all of an IPv6 network for one client", () => {
  assertEquals(limitKeyOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assertEquals(limitKeyOf("2001:db8:1:2::1"), limitKeyOf("2001:db8:1:2:ffff::"));
  assertEquals(limitKeyOf("::ffff:192.0.2.1"), "192.0.2.1");
  assertEquals(limitKeyOf("unix"), "unix");
});
