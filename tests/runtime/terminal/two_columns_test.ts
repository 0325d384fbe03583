import { assertEquals } from "@std/assert";
import { twoColumns } from "../../../lib/runtime/terminal/two_columns.ts";

Deno.test("twoColumns() breaks the right side below itself, and gives a long left side a line of its own", () => {
  const rows = [{ left: "ab", right: "one two three" }, { left: "abcde", right: "four" }];
  assertEquals(twoColumns(rows, { left: 5, columns: 13 }), "ab   one two\n     three\nabcde\n     four\n");
});
