import { assertEquals, assertStringIncludes } from "@std/assert";
import { covers, denialOf, type Person, type Principal } from "../../../lib/controller/people/principal.ts";
import type { Need } from "../../../lib/wire/contract/operation.ts";

const person = (fields: Partial<Person> = {}): Person => ({
  kind: "person",
  id: "1",
  name: "ada",
  role: "viewer",
  services: [],
  ...fields,
});
const NEEDS: readonly Need[] = ["open", "viewer", "node", "operator", "admin"];

Deno.test("denialOf() lets each role have what is its own and what is less", () => {
  const allowed = (who: Principal) => NEEDS.filter((need) => denialOf(who, need) === undefined);
  assertEquals(allowed({ kind: "anyone" }), NEEDS);
  assertEquals(allowed(person({ role: "viewer" })), ["open", "viewer"]);
  assertEquals(allowed(person({ role: "operator" })), ["open", "viewer", "node", "operator"]);
  assertEquals(allowed(person({ role: "admin" })), NEEDS);
  assertEquals(allowed({ kind: "node", node: "n" }), ["open", "node"]);
  assertStringIncludes(
    denialOf(person(), "operator") ?? "",
    'the role operator, and the token "ada" has the role viewer',
  );
});

Deno.test("covers() takes a star for any characters, and no pattern for all services", () => {
  const covered = (pattern: string) =>
    ["web", "web-1", "web-eu-1", "my-web", "webs"].filter((name) => covers(person({ services: [pattern] }), name));
  assertEquals(covered("web"), ["web"]);
  assertEquals(covered("web*"), ["web", "web-1", "web-eu-1", "webs"]);
  assertEquals(covered("*web"), ["web", "my-web"]);
  assertEquals(covered("web-*-1"), ["web-eu-1"]);
  assertEquals(covered("w*e*b"), ["web"]);
  assertEquals(covered("*"), ["web", "web-1", "web-eu-1", "my-web", "webs"]);
  assertEquals(covered("web*web"), []);
  assertEquals(covers(person({ services: ["db", "web"] }), "web"), true);
  for (const who of [person(), { kind: "anyone" }, { kind: "node", node: "n" }] as const) {
    assertEquals(covers(who, "web"), true);
  }
});

Deno.test("covers() is done at once also with a pattern that is nothing but stars and letters", () => {
  assertEquals(covers(person({ services: ["a*".repeat(31) + "b"] }), "a".repeat(63)), false);
});
