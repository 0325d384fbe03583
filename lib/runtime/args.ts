/**
 * The command line. Every flag of the table is taken in any of its forms (`--port 1`, `--port=1`, `-port 1`, `-p 1`,
 * `--no-x`) and left as text: `config.ts` puts it together with the other sources and checks it. What the table doesn't
 * know is an error that names the nearest flag.
 * @module
 */
import { parseArgs } from "@std/cli";
import type { FlagTable } from "./flag.ts";
import { flagName } from "./flag_name.ts";
import { nearest } from "./nearest.ts";

/** What a command line holds: texts by the flag's key, and what isn't a flag. */
export type ArgsResult =
  | { kind: "args"; texts: ReadonlyMap<string, readonly string[]>; positionals: readonly string[] }
  | { kind: "help" }
  | { kind: "version" }
  | { kind: "usage_error"; message: string };

/** Takes the command line apart by the table. `--help` and `--version` win over any mistake beside them. */
export function readArgs(args: readonly string[], flags: FlagTable): ArgsResult {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const long = joinDashValues(args.slice(0, end).map((arg) => longForm(arg, flags)), flags);
  if (long.includes("--help")) return { kind: "help" };
  if (long.includes("--version")) return { kind: "version" };

  const unknown: string[] = [];
  const names = Object.keys(flags).map(flagName);
  const parsed: Record<string, unknown> = parseArgs([...long, ...args.slice(end)], {
    string: ["_", ...names],
    collect: names,
    unknown: (_arg: string, key?: string) => key === undefined || unknown.push(key) === 0,
  });

  const [first] = unknown;
  if (first !== undefined) return { kind: "usage_error", message: unknownFlag(first, names) };
  const texts = new Map<string, readonly string[]>();
  for (const [key, { shape }] of Object.entries(flags)) {
    const given = listOf(parsed[flagName(key)]);
    if (given.includes("")) {
      return { kind: "usage_error", message: `Cannot read --${flagName(key)}: a value is missing` };
    }
    // Of a single value that is given twice the last one counts, so that an alias in a shell can be overridden.
    if (given.length > 0) texts.set(key, shape === "list" ? given : given.slice(-1));
  }
  return { kind: "args", texts, positionals: listOf(parsed["_"]) };
}

/** One spelling for all: two dashes, and switches with their value. */
function longForm(arg: string, flags: FlagTable): string {
  const [, given, value] = /^--?([A-Za-z][\w-]*)(=[^]*)?$/.exec(arg) ?? [];
  if (given === undefined) return arg;
  const key = keyOf(given, flags);
  const name = key === undefined ? BUILT_IN_SHORT.get(given) ?? given : flagName(key);
  // An empty value is spelled as none at all, which is then reported as missing.
  if (value !== undefined) return `--${name}${value === "=" ? "" : value}`;
  if (key !== undefined && flags[key]?.shape === "switch") return `--${name}=true`;
  const negated = name.startsWith("no-") ? keyOf(name.slice(3), flags) : undefined;
  if (key === undefined && negated !== undefined && flags[negated]?.shape === "switch") {
    return `--${flagName(negated)}=false`;
  }
  return `--${name}`;
}

/** `--file -` (standard input) and negative numbers: values that would otherwise count as flags. */
function joinDashValues(args: readonly string[], flags: FlagTable): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    const awaitsValue = before?.startsWith("--") && !before.includes("=") &&
      keyOf(before.slice(2), flags) !== undefined;
    if (awaitsValue && /^-(\d.*)?$/.test(arg)) joined.push(`${joined.pop()}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}

const BUILT_IN_SHORT: ReadonlyMap<string, string> = new Map([["h", "help"], ["V", "version"]]);

function keyOf(given: string, flags: FlagTable): string | undefined {
  return Object.keys(flags).find((key) => flagName(key) === given || flags[key]?.about.short === given);
}

function unknownFlag(name: string, names: readonly string[]): string {
  const close = nearest(name, [...names, "help", "version"]);
  return close === undefined ? `Unknown flag --${name}` : `Unknown flag --${name}: did you mean --${close}?`;
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];
}
