/**
 * The order of a table's rows, and which of many are drawn.
 * @module
 */
import { assertEquals } from "@std/assert";
import { ordered, windowOf } from "../../../lib/console/web/order.ts";

Deno.test("ordered() sorts names as people do, and what isn't known last either way", () => {
  const names = ["web.10", null, "web.2", "api.1"];
  assertEquals(ordered(names, (name) => name, { descending: false }), ["api.1", "web.2", "web.10", null]);
  assertEquals(ordered(names, (name) => name, { descending: true }), ["web.10", "web.2", "api.1", null]);
  assertEquals(ordered([3, 20, 1], (number) => number, { descending: true }), [20, 3, 1]);
});

Deno.test("ordered() leaves what is alike as it was", () => {
  const rows = [{ id: 1, key: "b" }, { id: 2, key: "a" }, { id: 3, key: "b" }];
  assertEquals(ordered(rows, ({ key }) => key, { descending: false }).map(({ id }) => id), [2, 1, 3]);
});

Deno.test("windowOf() takes the rows that are seen and some around them, never none and never too many", () => {
  const view = { rows: 5_000, rowPx: 45, heightPx: 900 };
  assertEquals(windowOf({ ...view, topPx: 300 }), { from: 0, to: 24 });
  assertEquals(windowOf({ ...view, topPx: -45_000 }), { from: 990, to: 1_030 });
  assertEquals(windowOf({ ...view, topPx: -5_000 * 45 }), { from: 4_990, to: 5_000 });
  assertEquals(windowOf({ ...view, topPx: -1_000_000 }), { from: 4_998, to: 5_000 });
});
