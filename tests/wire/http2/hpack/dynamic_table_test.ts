import { assertEquals } from "@std/assert";
import { DynamicTable } from "../../../../lib/wire/http2/hpack/dynamic_table.ts";

Deno.test("DynamicTable has the newest first, behind the static fields, and lets go of the oldest", () => {
  const table = new DynamicTable(70);
  table.add(["a", "1"]);
  table.add(["b", "2"]);
  assertEquals([table.at(61), table.at(62), table.at(63)], [["www-authenticate", ""], ["b", "2"], ["a", "1"]]);
  table.add(["c", "3"]);
  assertEquals([table.at(62), table.at(63), table.at(64), table.bytes], [["c", "3"], ["b", "2"], undefined, 68]);
});

Deno.test("DynamicTable is emptied by a field that is larger than it, and by a smaller size", () => {
  const table = new DynamicTable(70);
  table.add(["a", "1"]);
  table.add(["b", "x".repeat(38)]);
  assertEquals([table.at(62), table.bytes], [undefined, 0]);
  table.add(["c", "3"]);
  table.resize(33);
  assertEquals([table.at(62), table.bytes], [undefined, 0]);
});
