/**
 * The reference page of what the three programs are configured by, in Markdown: every flag of each, with its variable and
 * its default.
 * @module
 */
import { AGENT_PROGRAM } from "../../lib/agent/settings.ts";
import { CONTROLLER_PROGRAM } from "../../lib/controller/settings.ts";
import { payloadProgram } from "../../lib/payload/payload_flags.ts";
import type { Program } from "../../lib/runtime/config.ts";
import type { FlagTable } from "../../lib/runtime/flag.ts";
import { flagTable } from "./flag_table.ts";

export const PROGRAMS: readonly Program<FlagTable>[] = [CONTROLLER_PROGRAM, AGENT_PROGRAM, payloadProgram];

export function configurationPage(): string {
  return [
    "# Configuration\n",
    "<!-- Made by `deno task reference` from the programs themselves: change those, not this page. -->\n",
    "A value is looked for on the command line, then in the environment, then in the file of `--config-file`, and is the\n" +
    "default otherwise. The file is YAML and has the flags by their names without dashes in front:\n",
    "```yaml\nport: 9091\nlabel: {zone: a}\n```\n",
    "A flag with … may be repeated; in a variable its values are parted by commas. Long flags work with one dash, too.\n",
    ...PROGRAMS.map(sectionOf),
  ].join("\n");
}

function sectionOf({ name, summary, flags, configFile }: Program<FlagTable>): string {
  const groups = [...new Set(Object.values(flags).map(({ about }) => about.group))];
  const tables = groups.map((group) =>
    `### ${name}: ${group ?? "Flags"}\n\n${flagTable(flags, (one) => one === group)}`
  );
  const file = configFile === "yaml" ? " It takes `--config-file <file>` (`MUSTER_CONFIG_FILE`)." : "";
  return [`## ${name}\n`, `The ${name} ${summary}.${file}\n`, ...tables].join("\n");
}
