import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { UsageError } from "../../../../lib/console/cli/exit_code.ts";
import { readSpecs } from "../../../../lib/console/cli/changing/spec_files.ts";
import { granted, whenGranted } from "../../../support/granted.ts";

const web = "name: web\ncommand: [payload]\n";
const db = '{"name": "db", "command": ["db"]}';

/** A folder with these files, to be named by their paths below it. */
async function withFiles(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(join(folder, path, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const io = (input = "") => ({ readInput: () => Promise.resolve(input) });

function refusalOf(paths: readonly string[], input?: string): Promise<string> {
  return assertRejects(() => readSpecs(paths, io(input)), UsageError).then(({ message }) => message);
}

Deno.test(
  "readSpecs() reads standard input, several documents in one, and sends what stands there",
  whenGranted,
  async () => {
    const { names, body } = await readSpecs(["-"], io(`${web}---\n${db}`));
    assertEquals([names, JSON.parse(body)], [["web", "db"], [{ name: "web", command: ["payload"] }, JSON.parse(db)]]);
  },
);

Deno.test({
  name: "readSpecs() reads all below a folder in order, but no hidden files, no others and no links",
  ignore: !granted || Deno.build.os === "windows",
  fn: () =>
    withFiles(
      { "b.yml": web, "a/db.JSON": db, "a/.x.yaml": "?", ".git/x.yaml": "?", "readme.md": "?" },
      async (folder) => {
        await Deno.symlink(folder, join(folder, "again"));
        assertEquals((await readSpecs([folder], io())).names, ["db", "web"]);
        assertEquals((await readSpecs([join(folder, "b.yml"), join(folder, "a")], io())).names, ["web", "db"]);
      },
    ),
});

Deno.test({
  name: "readSpecs() names the file, line and column of each slip, and a name that is given twice",
  ignore: !granted,
  fn: () =>
    withFiles({ "web.yaml": `${web}replicsa: 3\n`, "x/db.json": db, "y/db.json": db }, async (folder) => {
      const slip = await refusalOf([join(folder, "web.yaml")]);
      assertMatch(
        slip,
        /^Cannot use the specs:\n {2}.*web\.yaml:3:1: unknown field "replicsa": did you mean "replicas"\?$/,
      );
      assertMatch(await refusalOf([folder]), /y.db\.json: service db is also in .*x.db\.json: leave one of them out/);
      assertStringIncludes(await refusalOf(["-"], "a: ["), "standard input:");
    }),
});

Deno.test({
  name: "readSpecs() says what is wrong with a path, and asks for one",
  ignore: !granted,
  fn: () =>
    withFiles({ "web.yaml": "x".repeat(1_048_577), "empty/readme.md": "" }, async (folder) => {
      assertStringIncludes(await refusalOf([]), "-f <path>");
      assertStringIncludes(await refusalOf([join(folder, "nix.yaml")]), "Cannot read");
      assertStringIncludes(await refusalOf([join(folder, "empty")]), "it has no *.yaml, *.yml or *.json");
      assertStringIncludes(await refusalOf([join(folder, "web.yaml")]), "more than 1048576 bytes");
      await Deno.writeFile(join(folder, "web.yaml"), new Uint8Array([0xff, 0xfe]));
      assertStringIncludes(await refusalOf([join(folder, "web.yaml")]), "no text in UTF-8");
    }),
});
