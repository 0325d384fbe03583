import { assertEquals } from "@std/assert";
import { shellWord } from "../../../lib/console/web/shell_word.ts";
import { granted } from "../../support/granted.ts";

Deno.test("shellWord() leaves plain names as they are, and quotes everything else", () => {
  assertEquals(["web.3", "node-1", "a/b:c", "30d"].map(shellWord), ["web.3", "node-1", "a/b:c", "30d"]);
  assertEquals(shellWord("web-*"), "'web-*'");
  assertEquals(shellWord("it's"), `'it'\\''s'`);
  assertEquals(shellWord(""), "''");
});

Deno.test({
  name: "shellWord() stays one word in a shell that does nothing, whatever the name",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    for (
      const name of ["x; echo no", "$(echo no)", "`echo no`", "'; echo no; '", "a b", "-n", "~", "\\", '"', "!!", "#a"]
    ) {
      const { stdout } = await new Deno.Command("sh", { args: ["-c", `printf %s ${shellWord(name)}`] }).output();
      assertEquals(new TextDecoder().decode(stdout), name);
    }
  },
});
