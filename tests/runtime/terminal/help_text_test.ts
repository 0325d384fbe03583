import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { list, text } from "../../../lib/runtime/flag.ts";
import { helpText, pageColumns } from "../../../lib/runtime/terminal/help_text.ts";
import { PROGRAMS } from "../../../scripts/reference/configuration_page.ts";

const header = { name: "agent", summary: "runs replicas" };
const flags = {
  label: list({ help: "What the node is called by, which takes a sentence that is long", placeholder: "<k=v>" }),
  certificateFileOfTheAuthority: text({ help: "A file", placeholder: "<file>" }),
};

Deno.test("the help of every program fits 80 columns, and 40 but for words that are longer", () => {
  for (const program of PROGRAMS) {
    assertEquals(tooLong(helpText(program, program.flags, { columns: 80 }), 80), [], program.name);
    const narrow = tooLong(helpText(program, program.flags, { columns: 40 }), 40);
    assertEquals(narrow.filter((line) => !line.includes("--") && /\S \S/.test(line)), [], program.name);
  }
});

Deno.test("helpText() goes on below what it began, and gives a long flag a line of its own", () => {
  const page = helpText(header, flags, { columns: 80 });
  const [, at = ""] = /^( {6}--label <k=v>… +)What/m.exec(page) ?? [];
  assert(at.length > 0 && at.length < 40);
  assertMatch(page, new RegExp(`--label .*\n {${at.length}}\\S`));
  assertStringIncludes(page, `      --certificate-file-of-the-authority <file>\n${" ".repeat(at.length)}A file `);
});

Deno.test("helpText() puts sentences below their flags where there is no room beside them", () => {
  const page = helpText(header, flags, { columns: 40 });
  assertStringIncludes(
    page,
    "\n      --label <k=v>…\n        What the node is called by,\n        which takes a sentence",
  );
});

Deno.test("pageColumns() keeps between 40 and 80, and to 80 where there is no terminal", () => {
  assertEquals([undefined, 200, 61, 12].map(pageColumns), [80, 80, 61, 40]);
});

function tooLong(page: string, columns: number): string[] {
  return page.split("\n").filter((line) => line.length > columns);
}
