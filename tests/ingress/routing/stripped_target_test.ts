import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { canonicalPath } from "../../../lib/ingress/routing/canonical_path.ts";
import { strippedTarget } from "../../../lib/ingress/routing/stripped_target.ts";

const TARGETS: readonly [target: string, stripped: string | undefined][] = [
  ["/api/v1", "/"],
  ["/api/v1/", "/"],
  ["/api/v1?x=/api", "/?x=/api"],
  ["/api/v1/a%2Fb;c?d", "/a%2Fb;c?d"],
  ["/api/v1/a/../b", "/a/../b"],
  ["/api/v1/./b", "/./b"],
  ["/api/v1/api/v1", "/api/v1"],
  // Spelled in another way
  ["/%61pi/v1/x", undefined],
  ["/api%2Fv1/x", undefined],
  ["/api//v1/x", undefined],
  ["/api/v1;p/x", undefined],
  ["/api/v1%2Fx", undefined],
  ["/api/v1\\x", undefined],
  ["/x/../api/v1/y", undefined],
  // Leading out of it, and in again
  ["/api/v1/../v1/x", undefined],
  ["/api/v1/%2e%2e/v1/x", undefined],
  ["/api/v1/x/..%2f../v1/y", undefined],
  ["/api/v1/../../api/v1", undefined],
  // What a replica could take for a host
  ["/api/v1//evil.org", undefined],
  ["/api/v1/\\evil.org", undefined],
];

for (const [target, stripped] of TARGETS) {
  Deno.test(`strippedTarget() of ${target} is ${stripped}`, () => {
    assertEquals(strippedTarget(target, { prefix: "/api/v1", path: canonicalPath(target) }), stripped);
  });
}

Deno.test("strippedTarget() takes nothing off for /", () => {
  assertEquals(strippedTarget("*", { prefix: "/", path: "/" }), "*");
  assertEquals(strippedTarget("//a/%2e", { prefix: "/", path: "/a/" }), "//a/%2e");
});

Deno.test("what strippedTarget() leaves is what the request asks for below the route, byte for byte", () => {
  const part = fc.constantFrom("/", "a", "p", "..", ".", ";", "%2e", "%2f", "\\", "?", "%70");
  fc.assert(fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
    const target = `/p${parts.join("")}`;
    const path = canonicalPath(target);
    if (path !== "/p" && !path.startsWith("/p/")) return;
    const stripped = strippedTarget(target, { prefix: "/p", path });
    if (stripped === undefined) return;
    assertEquals(target.endsWith(stripped.slice(1)), true);
    assertEquals(canonicalPath(stripped), path.slice(2) || "/");
  }));
});
