import { assertEquals, assertThrows } from "@std/assert";
import { commandWords } from "../../../../lib/console/cli/changing/command_words.ts";
import { UsageError } from "../../../../lib/console/cli/exit_code.ts";

Deno.test("commandWords() parts words at spaces, but for those in quotes and behind a backslash", () => {
  for (
    const [text, expected] of [
      ["node server.js", ["node", "server.js"]],
      ["  sh -c 'echo \"$HOME\" | cat'  ", ["sh", "-c", 'echo "$HOME" | cat']],
      [String.raw`a "b \"c\" \\ \n" d\ e`, ["a", String.raw`b "c" \ \n`, "d e"]],
      [`a --x='b c'"d" ''`, ["a", "--x=b cd", ""]],
    ] as const
  ) assertEquals(commandWords(text), [...expected] as [string, ...string[]]);
});

Deno.test("commandWords() refuses what has no end, and nothing at all", () => {
  for (const text of ["", "  ", "a 'b", 'a "b', "a\\"]) assertThrows(() => commandWords(text), UsageError);
});
