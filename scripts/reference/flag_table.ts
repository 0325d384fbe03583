/**
 * Flags as a table in Markdown: name, what it does, default and variable.
 * @module
 */
import type { FlagTable } from "../../lib/runtime/flag.ts";
import { envNames, flagName } from "../../lib/runtime/flag_name.ts";

/** The flags of the headings that are wanted; nothing where there are none. */
export function flagTable(flags: FlagTable, wanted: (group: string | undefined) => boolean): string {
  const entries = Object.entries(flags).filter(([, { about }]) => wanted(about.group));
  if (entries.length === 0) return "";
  const rows = entries.map(([key, { about, placeholder, shape }]) => {
    const short = about.short === undefined ? "" : `\`-${about.short}\`, `;
    const value = placeholder === "" ? "" : ` ${placeholder}${shape === "list" ? "…" : ""}`;
    const standard = about.default === undefined ? "" : `\`${about.default}\``;
    const shown = envNames(key, about).map((name) => `\`${name}\``).join(", ");
    return `| ${short}${code(`--${flagName(key)}${value}`)} | ${cell(about.help)} | ${standard} | ${shown} |\n`;
  });
  return `| Flag | | Default | Variable |\n| --- | --- | --- | --- |\n${rows.join("")}`;
}

/** A bar would end the cell, also in code. */
function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

/** A text that stands in a cell as it is. */
export function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
