import { assertEquals } from "@std/assert";
import { wrapped } from "../../../lib/runtime/terminal/wrap.ts";

Deno.test("wrapped() breaks between words, and never in a pipe", () => {
  assertEquals(wrapped("one two three", { width: 8 }), "one two\nthree\n");
  assertEquals(wrapped("one two three", { width: 9, indent: " ", hanging: "  " }), " one two\n   three\n");
  assertEquals(wrapped("one two three", { width: undefined, indent: "  " }), "  one two three\n");
});

Deno.test("wrapped() leaves a word that is too long on a line of its own, and lets no control through", () => {
  assertEquals(wrapped("a bbbbbbbbbb c", { width: 5 }), "a\nbbbbbbbbbb\nc\n");
  assertEquals(wrapped("a\x1b[2J\nb 漢字漢字 c", { width: 8 }), "a\\nb\n漢字漢字\nc\n");
});
