/**
 * The reference page of the command line, in Markdown: every command with its words, flags and examples, the flags that
 * all have, and what exit codes mean.
 * @module
 */
import { type Command, usageOf } from "../../lib/console/cli/command.ts";
import type { CommandGroup } from "../../lib/console/cli/commands.ts";
import { EXIT } from "../../lib/console/cli/exit_code.ts";
import type { FlagTable } from "../../lib/runtime/flag.ts";
import { cell, flagTable } from "./flag_table.ts";

/** Flags of this heading are the same everywhere and stand at the end of the page, once. */
const EVERYWHERE = "Every command";

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  fine: "All is well",
  failure: "It failed, or `doctor` found a problem",
  usage: "The command line, or a file it names, can't be meant so",
  notFound: "There is nothing of that name",
  conflict: "Something else changed it, or forbids it as things are",
  unplaceable: "There is no node for it",
  timeout: "It did not come about in time",
  authentication: "No token, or one that may not do this",
  unreachable: "No controller answers there",
  interrupted: "Ctrl-C",
};

export function cliPage(groups: readonly CommandGroup[]): string {
  const commands = groups.flatMap(({ commands }) => commands);
  return [
    "# The command line\n",
    "<!-- Made by `deno task reference` from the commands themselves: change those, not this page. -->\n",
    "Every command is one of the `controller` program: `controller status`. `controller help` lists them, and\n" +
    "`controller help <command>` says what stands here.\n",
    ...groups.map(summaryOf),
    ...groups.flatMap(({ title, commands }) => [`## ${title}\n`, ...commands.map(sectionOf)]),
    everywhere(commands),
    exitCodes(),
  ].join("\n");
}

function summaryOf({ title, commands }: CommandGroup): string {
  const rows = commands.map(({ name, summary }) =>
    `| [\`${name}\`](#${name.replaceAll(" ", "-")}) | ${cell(summary)} |\n`
  );
  return `| ${title} | |\n| --- | --- |\n${rows.join("")}`;
}

function sectionOf(command: Command): string {
  const { name, summary, details, flags, examples = [] } = command;
  const own = flagTable(flags, (group) => group !== EVERYWHERE);
  const shown = examples.map(({ line, does }) => `${line}   # ${does}\n`).join("");
  return [
    `### ${name}\n`,
    `\`\`\`text\ncontroller ${name} ${usageOf(command)}\n\`\`\`\n`,
    `${capital(summary)}.\n`,
    details === undefined ? "" : `${details}\n`,
    own,
    shown === "" ? "" : `\`\`\`sh\n${shown}\`\`\`\n`,
  ].filter((part) => part !== "").join("\n");
}

function everywhere(commands: readonly Command[]): string {
  const all = Object.assign({}, ...commands.map(({ flags }) => flags)) as FlagTable;
  return `## Flags of every command\n\nCommands that ask no controller have no use for \`--server\` and what follows it.\n\n${
    flagTable(all, (group) => group === EVERYWHERE)
  }`;
}

function exitCodes(): string {
  const rows = Object.entries(MEANINGS).map(([name, meaning]) =>
    `| ${EXIT[name as keyof typeof EXIT]} | ${meaning} |\n`
  );
  return `## Exit codes\n\n| Code | Meaning |\n| --- | --- |\n${rows.join("")}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
