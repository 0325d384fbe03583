/**
 * The page behind `--help`, made from the table of flags: grouped in the order of the table, aligned, and with each
 * flag's variable of the environment and its default. It fits 80 columns, and a narrower terminal. `config.ts` hands it
 * out as text; the caller prints it.
 * @module
 */
import type { Flag, FlagTable } from "../flag.ts";
import { envNames, flagName } from "../flag_name.ts";
import { GAP, type Row, twoColumns } from "./two_columns.ts";
import { VERSION } from "../version.ts";
import { wrapped } from "./wrap.ts";

/** What the page says above the flags. */
export interface HelpHeader {
  name: string;
  summary: string;
  /** What follows the program's name in the usage line. */
  usage?: string;
}

/** Lines that are longer are hard to read, and shorter ones say nothing. */
const [COLUMNS_MIN, COLUMNS_MAX] = [40, 80];
/** The widest left column; a longer flag gets a line of its own. */
const LEFT_MAX = 36;
/** Below so many columns there is no room for two beside each other: what flags mean stands below them. */
const BESIDE_MIN = 70;
const BELOW_INDENT = 8;

const BUILT_IN: readonly Row[] = [
  { left: "  -h, --help", right: "Show this page" },
  { left: "  -V, --version", right: "Show the version" },
];

/** How wide a page is made for a terminal of so many columns, or for what is none. */
export function pageColumns(terminalColumns: number | undefined): number {
  return Math.min(COLUMNS_MAX, Math.max(COLUMNS_MIN, terminalColumns ?? COLUMNS_MAX));
}

/** The page, ending in a line feed. */
export function helpText(
  { name, summary, usage = "[flags]" }: HelpHeader,
  flags: FlagTable,
  { columns }: { columns: number },
): string {
  const groups = Map.groupBy(Object.entries(flags), ([, flag]) => flag.about.group ?? "Flags");
  const sections = [...groups].map(([title, entries]) => ({ title, rows: entries.map(rowOf) }));
  sections.push({ title: "Help", rows: [...BUILT_IN] });
  const widths = sections.flatMap(({ rows }) => rows.map(({ left }) => left.length));
  const left = columns < BESIDE_MIN ? BELOW_INDENT : Math.max(...widths.filter((width) => width <= LEFT_MAX)) + GAP;
  const head = wrapped(`${name} ${VERSION}: ${summary}`, { width: columns, hanging: "  " });
  const use = wrapped(`Usage: ${name} ${usage}`, { width: columns, hanging: " ".repeat("Usage: ".length) });
  const body = sections.map(({ title, rows }) =>
    `${wrapped(`${title}:`, { width: columns })}${twoColumns(rows, { left, columns })}`
  );
  return `${head}\n${use}\n${body.join("\n")}`;
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
