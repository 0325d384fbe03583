/**
 * Manual pages in roff, with the macros of man(7). Pure: from what a command says of itself to text.
 * @module
 */
import type { FlagTable } from "../../runtime/flag.ts";
import { envNames, flagName } from "../../runtime/flag_name.ts";
import { VERSION } from "../../runtime/version.ts";
import { type Command, usageOf } from "./command.ts";
import type { CommandGroup } from "./commands.ts";
import { EXIT } from "./exit_code.ts";

/** The file of a command's page: `controller-token-create.1`. */
export function pageName({ name }: Pick<Command, "name">): string {
  return `${manName(name)}.1`;
}

/** A command's own page. */
export function commandManual(command: Command): string {
  const { name, summary, details, flags, examples = [] } = command;
  const shown = examples.map(({ line, does }) => `.TP\n.B ${text(line)}\n${sentence(does)}\n`).join("");
  return [
    heading(manName(name)),
    `.SH NAME\n${text(manName(name))} \\- ${text(summary)}\n`,
    `.SH SYNOPSIS\n.B controller ${text(name)}\n${text(usageOf(command))}\n`,
    details === undefined ? "" : `.SH DESCRIPTION\n${sentence(details)}\n`,
    flagSections(flags),
    shown === "" ? "" : `.SH EXAMPLES\n${shown}`,
    `.SH SEE ALSO\n.BR controller (1)\n`,
  ].join("");
}

/** The page of all commands. */
export function overviewManual(groups: readonly CommandGroup[]): string {
  const sections = groups.map(({ title, commands }) => {
    const entries = commands.map(({ name, summary }) => `.TP\n.BR ${text(manName(name))} (1)\n${sentence(summary)}\n`);
    return `.SS ${text(title)}\n${entries.join("")}`;
  });
  const codes = Object.entries(EXIT).map(([meaning, code]) =>
    `.TP\n.B ${code}\n${sentence(meaning.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`))}\n`
  );
  return [
    heading("controller"),
    ".SH NAME\ncontroller \\- keeps what should run, decides where, and is the way in\n",
    ".SH SYNOPSIS\n.B controller\n[serve] [flags]\n.br\n.B controller\n<command> [flags]\n",
    `.SH COMMANDS\n${sections.join("")}`,
    `.SH EXIT STATUS\n${codes.join("")}`,
    ".SH FILES\n.TP\n.I ~/.config/muster/config.yaml\nContexts: under a name each, where a controller is and which token to come with.\n",
    `.SH ENVIRONMENT\n${
      sentence(
        "Every flag is also a variable: MUSTER_ and its name in capitals, with _ for -. A flag beats the variable.",
      )
    }\n.TP\n.B NO_COLOR\nSet to anything, it turns colours off.\n`,
  ].join("");
}

function heading(name: string): string {
  return `.TH "${text(name.toUpperCase())}" 1 "" "muster ${text(VERSION)}" "Muster"\n.nh\n`;
}

function flagSections(flags: FlagTable): string {
  const groups = Map.groupBy(Object.entries(flags), ([, { about }]) => about.group ?? "Flags");
  const sections = [...groups].map(([title, entries]) => {
    const items = entries.map(([key, { about, placeholder, shape }]) => {
      const short = about.short === undefined ? "" : `-${about.short}, `;
      const value = placeholder === "" ? "" : ` ${placeholder}${shape === "list" ? "..." : ""}`;
      const standard = about.default === undefined ? [] : [`${about.default} unless given`];
      const aside = [...envNames(key, about), ...standard].join("; ");
      const said = aside === "" ? about.help : `${about.help} (${aside})`;
      return `.TP\n.B ${text(`${short}--${flagName(key)}${value}`)}\n${sentence(said)}\n`;
    });
    return `.SS ${text(title)}\n${items.join("")}`;
  });
  return `.SH OPTIONS\n${sections.join("")}`;
}

function manName(name: string): string {
  return `controller-${name.replaceAll(" ", "-")}`;
}

/** With a capital at the front and a full stop at the end. */
function sentence(words: string): string {
  const begun = words.charAt(0).toUpperCase() + words.slice(1);
  return text(/[.:!?)]$/.test(begun) ? begun : `${begun}.`);
}

/** What roff would take for its own is shown as it is. */
function text(given: string): string {
  const escaped = given.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "...");
  return escaped.replace(/^[.']/gm, "\\&$&");
}
