import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { canonicalPath } from "../../../lib/ingress/routing/canonical_path.ts";

const FORMS: readonly [sent: string, canonical: string][] = [
  ["/", "/"],
  ["", "/"],
  ["*", "/"],
  ["?a=1", "/"],
  ["/?a=/admin", "/"],
  ["/api/", "/api/"],
  ["/API", "/API"],
  ["/api?x=%2e%2e/../", "/api"],
  ["/api#/../admin?x", "/api"],
  // Spellings of a slash and of segments that lead elsewhere
  ["/%61dmin", "/admin"],
  ["/a%2Fb", "/a/b"],
  ["/a%2fb", "/a/b"],
  ["/a\\b", "/a/b"],
  ["/a%5cb", "/a/b"],
  ["//admin", "/admin"],
  ["/a///b//", "/a/b/"],
  ["/./admin", "/admin"],
  ["/a/.", "/a/"],
  ["/a/..", "/"],
  ["/a/../admin", "/admin"],
  ["/a/..%2fadmin", "/admin"],
  ["/a/%2e%2e/admin", "/admin"],
  ["/a/.%2E\\admin", "/admin"],
  ["/../../admin", "/admin"],
  ["/a//../b", "/b"],
  ["/.well-known/x", "/.well-known/x"],
  ["/a/...", "/a/..."],
  ["/a..b", "/a..b"],
  // Parameters of segments
  ["/admin;v=1/x", "/admin/x"],
  ["/admin%3Bv=1", "/admin"],
  ["/a/..;/admin", "/admin"],
  ["/a/..;x=y/admin", "/admin"],
  ["/;x/admin", "/admin"],
  ["/a/.;/b", "/a/b"],
  // What stays as it is
  ["/admin%00", "/admin%00"],
  ["/a%0d%0aX:1", "/a%0D%0AX:1"],
  ["/a%20b", "/a%20b"],
  ["/a%3fb", "/a%3Fb"],
  ["/a%23b", "/a%23b"],
  ["/%c3%a9", "/%C3%A9"],
  ["/%c0%ae%c0%ae/admin", "/%C0%AE%C0%AE/admin"],
  ["/%u002e", "/%25u002e"],
  ["/100%", "/100%25"],
  ["/%zz%4", "/%25zz%254"],
  // Read once only
  ["/%252e%252e/admin", "/%252e%252e/admin"],
  ["/%%32e%%32e/admin", "/%252e%252e/admin"],
  ["/%25", "/%25"],
];

for (const [sent, canonical] of FORMS) {
  Deno.test(`canonicalPath() of ${JSON.stringify(sent)} is ${canonical}`, () => {
    assertEquals(canonicalPath(sent), canonical);
  });
}

Deno.test("canonicalPath() gives back a usual path as it is", () => {
  const path = "/assets/app-1.2.3/main.js";
  assertStrictEquals(canonicalPath(path), path);
});

/** Paths of what attackers make them of. */
const nasty = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom("/", ".", "..", "a", "admin", ";", "\\", "%", "?", "#", "*", "2e", "25") },
    fc.constantFrom("%2e", "%2F", "%5c", "%3b", "%25", "%3f", "%23", "%00", "%c0%ae", "%zz"),
    fc.string({ maxLength: 3 }),
  ),
  { maxLength: 12 },
).map((parts) => parts.join(""));

Deno.test("canonicalPath() of a canonical path is the same", () => {
  fc.assert(fc.property(nasty, (sent) => {
    const canonical = canonicalPath(sent);
    assertEquals(canonicalPath(canonical), canonical);
  }));
});

Deno.test("canonicalPath() leaves no way out and no second meaning", () => {
  fc.assert(fc.property(nasty, (sent) => {
    const canonical = canonicalPath(`/${sent}`);
    const [first, ...segments] = canonical.split("/");
    assertEquals(first, "");
    assertEquals(segments.filter((part, index) => part === "" && index < segments.length - 1), []);
    assertEquals(segments.filter((part) => /^\.\.?$|[\\;?#]|%(?![0-9A-F]{2})/.test(part)), []);
  }));
});

Deno.test("canonicalPath() is the same for every encoding of a path", () => {
  const path = fc.stringMatching(/^\/[!-"$&->@-~]{0,20}$/);
  fc.assert(fc.property(path, fc.infiniteStream(fc.nat(3)), (plain, choices) => {
    const escape = (character: string) => {
      const digits = character.charCodeAt(0).toString(16);
      return [character, character, `%${digits}`, `%${digits.toUpperCase()}`][choices.next().value ?? 0]!;
    };
    assertEquals(canonicalPath([...plain].map(escape).join("")), canonicalPath(plain));
  }));
});
