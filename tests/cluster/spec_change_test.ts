import { assertEquals } from "@std/assert";
import { ServiceSpec } from "../../lib/cluster/service.ts";
import { changesBetween, differencesBetween } from "../../lib/cluster/spec_change.ts";

const before = ServiceSpec.parse({
  name: "web",
  command: ["a"],
  env: { C: "2" },
  files: { "a.b": { template: "1" } },
  replicas: 2,
});
const after = ServiceSpec.parse({ name: "web", command: ["a", "b"], env: { C: "3", D: "4" }, replicas: 2 });

Deno.test("differencesBetween() gives each field that differs with both values, null for none, in order", () => {
  assertEquals(differencesBetween(before, after), [
    { path: "command", before: ["a"], after: ["a", "b"] },
    { path: "env.C", before: "2", after: "3" },
    { path: "env.D", before: null, after: "4" },
    { path: "files.a.b", before: { template: "1" }, after: null },
  ]);
  assertEquals(changesBetween(before, after), ["command", "env.C", "env.D", "files.a.b"]);
  assertEquals(differencesBetween(before, before), []);
});
