import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { redirectLocation, secureLocation } from "../../../lib/ingress/routing/location.ts";

const SECURE: readonly [target: string, host: string, port: number, location: string | undefined][] = [
  ["/a?b=c", "example.org", 443, "https://example.org/a?b=c"],
  ["/", "example.org", 8443, "https://example.org:8443/"],
  ["*", "example.org", 443, "https://example.org/"],
  ["/", "[::1]", 443, "https://[::1]/"],
  ["//evil.org/%2e%2e", "example.org", 443, "https://example.org//evil.org/%2e%2e"],
  [".evil.org", "example.org", 443, "https://example.org/.evil.org"],
  ["/", "", 443, undefined],
  ["/", "example.org@evil.org", 443, undefined],
  ["/", "evil.org/x", 443, undefined],
  ["/", "a\r\nSet-Cookie: b", 443, undefined],
  ["/a\r\nSet-Cookie: b", "example.org", 443, undefined],
];

for (const [target, host, port, location] of SECURE) {
  Deno.test(`secureLocation() of ${JSON.stringify(target)} at ${JSON.stringify(host)} is ${location}`, () => {
    assertEquals(secureLocation(target, { host, port }), location);
  });
}

const REDIRECTS: readonly [to: string, target: string, location: string | undefined][] = [
  ["https://www.example.org", "/a?b=c", "https://www.example.org/a?b=c"],
  ["https://www.example.org", "?b", "https://www.example.org/?b"],
  ["https://www.example.org", "@evil.org/", "https://www.example.org/@evil.org/"],
  ["https://www.example.org", ".evil.org/", "https://www.example.org/.evil.org/"],
  ["https://www.example.org/", "/a", "https://www.example.org/"],
  ["http://www.example.org:81/new?x", "/a", "http://www.example.org:81/new?x"],
  ["/new", "/a?b", "/new"],
  ["//evil.org", "/a", "/evil.org"],
  ["/\\evil.org", "/a", "/evil.org"],
  ["https://www.example.org", "/a\r\nb", undefined],
  ["https://www.exämple.org", "/", undefined],
];

for (const [to, target, location] of REDIRECTS) {
  Deno.test(`redirectLocation() to ${to} for ${JSON.stringify(target)} is ${location}`, () => {
    assertEquals(redirectLocation(to, target), location);
  });
}

Deno.test("no request leads to another host, or into another field", () => {
  const target = fc.oneof(
    fc.string(),
    fc.constantFrom("//evil.org", "/\\evil.org", "@evil.org", ":1@evil.org", "\r\n"),
  );
  fc.assert(fc.property(target, (sent) => {
    for (
      const location of [
        secureLocation(sent, { host: "example.org", port: 443 }),
        redirectLocation("https://example.org", sent),
        redirectLocation("/new", sent),
      ]
    ) {
      if (location === undefined) continue;
      assertEquals(new URL(location, "https://example.org").host, "example.org");
      assertEquals(/[^\x21-\x7e]/.test(location), false);
    }
  }));
});
