import { assertEquals } from "@std/assert";
import { bar } from "../../../lib/console/render/bar.ts";

const terminal = { width: 80, colours: false };

Deno.test("bar() is full only when nothing is missing, and empty only when nothing is there", () => {
  assertEquals(bar(0, 3, terminal), "░░░░░░░░ 0/3");
  assertEquals(bar(1, 1_000, terminal), "█░░░░░░░ 1/1000");
  assertEquals(bar(2, 4, terminal), "████░░░░ 2/4");
  assertEquals(bar(999, 1_000, terminal), "███████░ 999/1000");
  assertEquals(bar(3, 3, terminal), "████████ 3/3");
  assertEquals(bar(4, 3, terminal), "████████ 4/3");
  assertEquals(bar(0, 0, terminal), "░░░░░░░░ 0/0");
});

Deno.test("bar() in a pipe is the count alone", () => {
  assertEquals(bar(2, 3, { width: undefined, colours: false }), "2/3");
});
