import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../lib/console/cli/commands.ts";
import { flagName } from "../../lib/runtime/flag_name.ts";
import { formatted, PAGES } from "../../scripts/reference.ts";
import { PROGRAMS } from "../../scripts/reference/configuration_page.ts";
import { granted } from "../support/granted.ts";

for (const [name, page] of Object.entries(PAGES)) {
  Deno.test({
    name: `docs/reference/${name} is what the programs say of themselves: deno task reference writes it`,
    ignore: !granted,
    fn: async () => {
      const committed = await Deno.readTextFile(new URL(`../../docs/reference/${name}`, import.meta.url));
      assertEquals(committed, await formatted(page()));
    },
  });
}

Deno.test("the reference has every flag of every program", () => {
  const page = PAGES["configuration.md"]!();
  for (const { flags } of PROGRAMS) {
    for (const key of Object.keys(flags)) assert(page.includes(`\`--${flagName(key)}`), key);
  }
});

Deno.test("the reference has a chapter for each command, and every flag", () => {
  const page = PAGES["cli.md"]!();
  for (const { name } of COMMANDS) assert(page.includes(`\n### ${name}\n`), name);
  for (const flag of ["`--dry-run`", "`-f`, `--follow`", "`--output table\\|json\\|yaml`"]) {
    assert(page.includes(flag), flag);
  }
});
