import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { put } from "../../../lib/cluster/record.ts";
import { node, service } from "../../support/builders.ts";
import { LittleLoop } from "../../support/little_loop.ts";

Deno.test("a loop tells once that the store is full, and once that it has room again", () => {
  const little = LittleLoop.of(node(1), service("web", 1));
  little.meet(1);
  little.decide();
  const first = little.told(little.ended({ kind: "full" }));
  assertEquals([first.length, little.loop.isStoreFull], [1, true]);
  assertStringIncludes(first[0]!, "no space left for the controller's store");
  little.nowMs += 1_000;
  little.decide();
  assertEquals(little.told(little.ended({ kind: "full" })), []);
  little.nowMs += 1_000;
  little.decide();
  assertEquals(little.told(little.ended({ kind: "busy" })), [], "that says nothing about the disk");
  assertEquals(little.loop.isStoreFull, true);
  little.nowMs += 1_000;
  little.decide();
  assert(little.told(little.committed()).includes("what is decided is kept and done again"));
  assertEquals(little.loop.isStoreFull, false);
});

Deno.test("a loop that has nothing left to commit doesn't say for ever that the store is full", () => {
  const little = LittleLoop.of(node(1), service("web", 1));
  little.meet(1);
  little.decide();
  little.ended({ kind: "full" });
  little.write({ revision: 6, changes: [put(service("web", 0))] });
  assertEquals(little.told(little.decide()), ["what is decided is kept and done again"]);
});

Deno.test("a loop that finds the store busy tries again, and tells nothing", () => {
  const little = LittleLoop.of(node(1), service("web", 1));
  little.meet(1);
  little.decide();
  assertEquals([little.told(little.ended({ kind: "busy" })), little.loop.isStoreFull], [[], false]);
  little.nowMs += 1_000;
  assertEquals(little.decide().map(({ kind }) => kind), ["commit"]);
});
