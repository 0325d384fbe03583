import { assertEquals } from "@std/assert";
import { keyOf, keyOfChange, put, remove } from "../../lib/cluster/record.ts";
import { assignment, node, service } from "../support/builders.ts";

Deno.test("keyOf() says type and name or id, and each change touches the key of its record", () => {
  const slot = { type: "slot" as const, service: "web", slot: 3, node: node(1).id };
  for (const record of [service("web", 1), node(1), slot, assignment(1)]) {
    assertEquals(keyOfChange(put(record)), keyOf(record));
    assertEquals(keyOfChange(remove(record)), keyOf(record));
  }
  assertEquals(keyOf(service("web", 1)), "service/web");
  assertEquals(keyOf(slot), "slot/web.3");
  assertEquals(keyOf(node(1)), `node/${node(1).id}`);
});
