/**
 * What the options of parseArgs() say about each flag, found by any of its names. Built once per call,
 * before the first argument is read.
 *
 * @module
 */
import type { ParseOptions } from "./parse_args.ts";

/** What is known about flags, by name. */
export type FlagNames = {
  /** The other names of a flag. */
  aliasesOf(name: string): ReadonlySet<string>;
  /** Whether a flag takes no value of its own. */
  isBoolean(name: string): boolean;
  /** Whether any option speaks of a flag. */
  isKnown(name: string): boolean;
  readonly booleans: ReadonlySet<string>;
  readonly strings: ReadonlySet<string>;
  readonly collected: ReadonlySet<string>;
  readonly negatable: ReadonlySet<string>;
};

/** Resolves the aliases in the options. */
export function readFlagNames(options: ParseOptions): FlagNames {
  const aliases = readAliases(options.alias ?? {});
  const aliasesOf = (name: string) => aliases.get(name) ?? new Set<string>();
  const withAliases = (names: string | readonly string[] = []) =>
    new Set(listOf(names).filter(Boolean).flatMap((name) => [name, ...aliasesOf(name)]));

  const booleans = withAliases(typeof options.boolean === "boolean" ? [] : options.boolean);
  const strings = withAliases(options.string);
  const collected = withAliases(options.collect);
  const negatable = withAliases(options.negatable);
  return {
    aliasesOf,
    isBoolean: (name) => booleans.has(name) || !aliasesOf(name).isDisjointFrom(booleans),
    isKnown: (name) => [booleans, strings, collected, aliases].some((known) => known.has(name)),
    booleans,
    strings,
    collected,
    negatable,
  };
}

/** Every name leads to all the others of its flag. */
function readAliases(alias: NonNullable<ParseOptions["alias"]>): Map<string, Set<string>> {
  const aliases = new Map<string, Set<string>>();
  for (const [name, others] of Object.entries(alias)) {
    if (others === undefined) {
      throw new TypeError("Alias value must be defined");
    }
    const all = [name, ...listOf(others)];
    for (const one of all) {
      aliases.set(one, new Set(all.filter((it) => it !== one)));
    }
  }
  return aliases;
}

function listOf(names: string | readonly string[]): readonly string[] {
  return typeof names === "string" ? [names] : names;
}
