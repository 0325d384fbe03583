/**
 * What differs between two generations of a service.
 * @module
 */
import { assertEquals } from "@std/assert";
import { diffOf, valueText } from "../../../lib/console/web/diff.ts";

Deno.test("diffOf() names each field by its path, also one that came or went", () => {
  const before = { command: ["a"], env: { LEVEL: "info", OLD: "1" }, replicas: 2 };
  const after = { command: ["a", "-b"], env: { LEVEL: "debug" }, replicas: 2, cwd: "/srv" };
  assertEquals(diffOf(before, after), [
    { path: "command", before: ["a"], after: ["a", "-b"] },
    { path: "cwd", before: undefined, after: "/srv" },
    { path: "env.LEVEL", before: "info", after: "debug" },
    { path: "env.OLD", before: "1", after: undefined },
  ]);
  assertEquals(diffOf(before, structuredClone(before)), []);
});

Deno.test("valueText() writes a value as one would", () => {
  assertEquals([undefined, "a b", 2, ["a"], { a: 1 }].map(valueText), ["", "a b", "2", '["a"]', '{\n  "a": 1\n}']);
});
