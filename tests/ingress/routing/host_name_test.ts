import { assertEquals } from "@std/assert";
import { hostName } from "../../../lib/ingress/routing/host_name.ts";

const NAMES: readonly [authority: string, host: string][] = [
  ["example.org", "example.org"],
  ["Example.ORG", "example.org"],
  ["example.org:8080", "example.org"],
  ["example.org:", "example.org"],
  ["example.org.", "example.org"],
  ["EXAMPLE.org.:443", "example.org"],
  ["127.0.0.1:80", "127.0.0.1"],
  ["[::1]", "[::1]"],
  ["[2001:DB8::1]:8443", "[2001:db8::1]"],
  ["[::1", "[::1"],
  ["", ""],
  [".", ""],
];

for (const [authority, host] of NAMES) {
  Deno.test(`hostName() of "${authority}" is "${host}"`, () => assertEquals(hostName(authority), host));
}
