/**
 * The two front pages say the same: their commands, in order, are equal to the letter.
 * @module
 */
import { assertEquals } from "@std/assert";
import { granted } from "../support/granted.ts";
import { readText } from "./source.ts";

const PAGES = ["README.md", "README.ru.md"] as const;
const [english, russian] = granted ? PAGES.map(readText) : [];

Deno.test({
  name: "README.md and README.ru.md have the same commands",
  // Read as "not written yet": a page that was there and is gone shows in the links of the other.
  ignore: english === undefined || russian === undefined,
  fn: () => assertEquals(commandsOf(russian ?? ""), commandsOf(english ?? "")),
});

Deno.test("commands are taken from the blocks of a shell, without their comments", () => {
  const page = "# A\n```sh\na --b # c\n\nd\n```\ntext\n```yaml\ne: f\n```\n";
  assertEquals(commandsOf(page), ["a --b", "d"]);
});

/** The lines of all shell blocks; comments are in the page's language and left out. */
function commandsOf(page: string): string[] {
  const blocks = [...page.matchAll(/^```(?:sh|bash|console|shell|powershell)(?: runnable)?\n([^]*?)^```/gm)];
  return blocks.flatMap(([, block = ""]) =>
    block.split("\n").map((line) => line.replace(/(^|\s)#.*$/, "").trim()).filter(Boolean)
  );
}
