import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { printable, printableLine } from "../../lib/runtime/sanitize.ts";

Deno.test("printable() removes sequences that colour, move, name windows or write the clipboard", () => {
  const cases: [string, string][] = [
    ["\x1b[31mred\x1b[0m", "red"],
    ["a\x1b[2Jb\x1b[10;10Hc", "abc"],
    ["\x1b]0;new title\x07text", "text"],
    ["\x1b]52;c;ZXZpbA==\x1b\\text", "text"],
    ["\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\", "link"],
    ["\x9b31mred", "red"],
    ["\x1bcreset", "reset"],
    ["back\b\b\b\bspace\r", "backspace"],
  ];
  for (const [raw, clean] of cases) assertEquals(printable(raw), clean);
});

Deno.test("printable() keeps what follows a sequence that never ends", () => {
  assertEquals(printable("\x1b]0;open\nnext line"), "0;open\nnext line");
});

Deno.test("printable() removes what turns the direction of writing", () => {
  assertEquals(printable("user\u202e\u2066nimda\u2069"), "usernimda");
});

Deno.test("printable() keeps letters of all scripts, tabs and line feeds", () => {
  const text = "naïve 日本語 עברית 👩‍💻\tx\ny";
  assertEquals(printable(text), text);
});

Deno.test("printableLine() is one line", () => {
  assertEquals(printableLine("a\nb\tc\r\n"), "a\\nb\\tc\\n");
});

Deno.test("printable() leaves no control character, whatever comes in", () => {
  const nasty = fc.string({
    unit: fc.constantFrom("\x1b", "[", "]", "0", ";", "m", "\x07", "\x9b", "\\", "\x00", "é", "\n"),
  });
  fc.assert(fc.property(nasty, (text) => {
    const clean = printable(text);
    // deno-lint-ignore no-control-regex -- control characters are what is looked for
    assertEquals(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(clean), false);
    assertEquals(printable(clean), clean);
  }));
});
