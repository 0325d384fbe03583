/**
 * The page behind `--help`, made from the table of flags: grouped in the order of the table, aligned, and with each
 * flag's variable of the environment and its default. `config.ts` hands it out as text; the caller prints it.
 * @module
 */
import type { Flag, FlagTable } from "./flag.ts";
import { envNames, flagName } from "./flag_name.ts";
import { VERSION } from "./version.ts";

/** What the page says above the flags. */
export interface HelpHeader {
  name: string;
  summary: string;
  /** What follows the program's name in the usage line. */
  usage?: string;
}

/** The widest left column; a longer flag gets a line of its own. */
const LEFT_MAX = 36;

const BUILT_IN = [
  { left: "  -h, --help", right: "Show this page" },
  { left: "  -V, --version", right: "Show the version" },
];

/** The page, ending in a line feed. */
export function helpText({ name, summary, usage = "[flags]" }: HelpHeader, flags: FlagTable): string {
  const groups = Map.groupBy(Object.entries(flags), ([, flag]) => flag.about.group ?? "Flags");
  const sections = [...groups].map(([title, entries]) => ({ title, rows: entries.map(rowOf) }));
  sections.push({ title: "Help", rows: BUILT_IN });
  const width = Math.max(...sections.flatMap(({ rows }) => rows.map(({ left }) => left.length)).filter(fits)) + 2;
  const body = sections.map(({ title, rows }) => `${title}:\n${rows.map((row) => line(row, width)).join("")}`);
  return `${name} ${VERSION}: ${summary}\n\nUsage: ${name} ${usage}\n\n${body.join("\n")}`;
}

interface Row {
  left: string;
  right: string;
}

function rowOf([key, flag]: [string, Flag<unknown>]): Row {
  const { about, placeholder, shape } = flag;
  const short = about.short === undefined ? "    " : `-${about.short}, `;
  const repeated = shape === "list" ? "…" : "";
  const value = placeholder === "" ? "" : ` ${placeholder}${repeated}`;
  const variables = envNames(key, about).join(", ");
  const standard = about.default === undefined ? "" : `default ${about.default}`;
  const aside = [variables, standard].filter((part) => part !== "").join("; ");
  return {
    left: `  ${short}--${flagName(key)}${value}`,
    right: aside === "" ? about.help : `${about.help} [${aside}]`,
  };
}

function line({ left, right }: Row, width: number): string {
  return fits(left.length) ? `${left.padEnd(width)}${right}\n` : `${left}\n${" ".repeat(width)}${right}\n`;
}

function fits(length: number): boolean {
  return length <= LEFT_MAX;
}
