import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../lib/console/cli/commands.ts";
import { granted } from "../../support/granted.ts";
import { isInstalled } from "../../support/installed.ts";
import { run } from "./fake_controller.ts";

/** What groff makes of bold and underlined. */
// deno-lint-ignore no-control-regex -- control characters are what this is about
const EMPHASIS = /\x1b\[\d+m/g;

Deno.test("man prints the overview, or a command's page", async () => {
  const { code, out } = await run(["man"]);
  assertEquals(code, 0);
  for (const part of ['.TH "CONTROLLER" 1', ".SS Look", ".BR controller\\-token\\-create (1)", ".SH EXIT STATUS"]) {
    assertStringIncludes(out, part);
  }
  const { out: page } = await run(["man", "token", "create"]);
  assertMatch(page, /^\.TH "CONTROLLER\\-TOKEN\\-CREATE" 1 /);
  assertStringIncludes(page, ".B \\-\\-ttl <duration>\n");
  assertEquals((await run(["man", "nosuch"])).code, 3);
});

Deno.test({
  name: "man --out writes a page for each command, and groff has nothing to complain of in any",
  ignore: !granted,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "muster-man-" });
    try {
      assertEquals((await run(["man", "--out", `${folder}/man1`])).code, 0);
      const pages = [...Deno.readDirSync(`${folder}/man1`)].map(({ name }) => `${folder}/man1/${name}`);
      assertEquals(pages.length, COMMANDS.length + 1);
      if (!isInstalled("groff")) return;
      const { success, stdout, stderr } = await new Deno.Command("groff", {
        args: ["-man", "-Tutf8", "-ww", ...pages.sort()],
      }).output();
      assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
      const text = new TextDecoder().decode(stdout).replaceAll(EMPHASIS, "");
      assertStringIncludes(text, "controller-token-create - make");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "man says that a folder can't be written to",
  ignore: !granted,
  fn: async () => {
    const { code, errors } = await run(["man", "--out", "/dev/null/man1"]);
    assertEquals(code, 2);
    assertMatch(errors, /^Cannot write the manual to \/dev\/null\/man1: /);
  },
});
