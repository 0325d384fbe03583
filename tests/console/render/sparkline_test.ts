import { assertEquals } from "@std/assert";
import { sparkline } from "../../../lib/console/render/sparkline.ts";

Deno.test("sparkline() ends with the newest value, and leaves out what wasn't measured", () => {
  assertEquals(sparkline([0, 1, 2, 4, null, 8], { width: 8 }), "  ▁▂▃▅ █");
  assertEquals(sparkline([9, 9, 0, 8], { width: 2 }), "▁█");
});

Deno.test("sparkline() measures by what is given, and never leaves its line", () => {
  assertEquals(sparkline([1, 2, 99, -5], { width: 4, most: 4 }), "▃▅█▁");
  assertEquals(sparkline([0, 0], { width: 2 }), "▁▁");
  assertEquals(sparkline([], { width: 3 }), "   ");
});
