/**
 * The reading behind parseArgs(), argument by argument: a long flag, a group of short ones, or a
 * positional argument. Each reader says how many of the arguments after its own it has used.
 *
 * @module
 */
import { hasDotted, type Nested, setDotted } from "./_dotted.ts";
import { type FlagNames, readFlagNames } from "./_flag_names.ts";
import type { ParseOptions } from "./parse_args.ts";

/** What the readers share. */
type Reading = {
  names: FlagNames;
  options: ParseOptions;
  result: Nested;
  positional: (string | number)[];
};

/** What was found for a flag, the argument it was found in, and whether it may join a list. */
type Found = { value: string | boolean; arg: string; collect?: boolean };

const LONG_FLAG = /^--(?<no>no-)?(?<name>.[^=]*)(?:=(?<value>.*))?$/s;
const ASSIGNED_SHORT = /=(?<value>.+)/;
const ENDS_IN_NUMBER = /\d(\.\d*)?(e-?\d+)?$/;

/** Reads all arguments into one object. */
export function readArguments(args: readonly string[], options: ParseOptions): Nested {
  const positional: (string | number)[] = [];
  const reading: Reading = {
    names: readFlagNames(options),
    options,
    result: { _: positional },
    positional,
  };
  const border = args.indexOf("--");
  const own = border < 0 ? args : args.slice(0, border);
  const rest = border < 0 ? [] : args.slice(border + 1);

  for (let at = 0; at < own.length; at++) {
    const [arg = "", next] = own.slice(at, at + 2);
    if (arg.startsWith("-") && arg !== "-") {
      at += arg.startsWith("--") ? readLong(arg, next, reading) : readShort(arg, next, reading);
      continue;
    }
    readPositional(arg, reading);
    if (options.stopEarly) {
      positional.push(...own.slice(at + 1));
      break;
    }
  }
  fillAbsent(reading);
  if (options["--"]) reading.result["--"] = rest;
  else positional.push(...rest);
  // Set anew, in case that somebody called a flag "_".
  return Object.assign(reading.result, { _: positional });
}

function readLong(arg: string, next: string | undefined, reading: Reading): number {
  const { names, options } = reading;
  const { no = "", name = "", value } = LONG_FLAG.exec(arg)?.groups ?? {};
  if (value !== undefined) {
    setFlag(name, { value: names.booleans.has(name) ? value !== "false" : value, arg }, reading);
    return 0;
  }
  if (no && names.negatable.has(name)) {
    setFlag(name, { value: false, arg, collect: false }, reading);
    return 0;
  }
  const takesValue = options.boolean !== true && !next?.startsWith("-");
  return setFromNext(no + name, { arg, next, takesValue }, reading);
}

/** `-abc` is three flags, `-n5`, `-n=5` and `-n 5` are one with a value. */
function readShort(arg: string, next: string | undefined, reading: Reading): number {
  for (let at = 1; at < arg.length - 1; at++) {
    const letter = arg.charAt(at);
    const tail = arg.slice(at + 1);
    const value = shortValue(letter, tail);
    setFlag(letter, { value: value ?? absentValue(letter, reading), arg }, reading);
    if (value !== undefined && value !== "-") return 0;
  }
  const last = arg.slice(-1);
  if (last === "-") return 0;
  const takesValue = !/^--?[^-]/.test(next ?? "");
  return setFromNext(last, { arg, next, takesValue }, reading);
}

/** The value that a short flag has in the rest of its own argument, if any. */
function shortValue(letter: string, tail: string): string | undefined {
  if (tail === "-") return tail;
  if (tail === "=") return "";
  if (/[A-Za-z]/.test(letter)) {
    const assigned = ASSIGNED_SHORT.exec(tail)?.groups?.value;
    if (assigned !== undefined) return assigned;
    if (ENDS_IN_NUMBER.test(tail)) return tail;
  }
  return tail.length > 1 && /^\W/.test(tail) ? tail : undefined;
}

/** A flag without a value of its own takes the next argument, if it may and that can be one. */
function setFromNext(
  name: string,
  { arg, next, takesValue }: { arg: string; next: string | undefined; takesValue: boolean },
  reading: Reading,
): number {
  if (next && takesValue && !reading.names.isBoolean(name)) {
    setFlag(name, { value: next, arg }, reading);
    return 1;
  }
  if (next === "true" || next === "false") {
    setFlag(name, { value: next === "true", arg }, reading);
    return 1;
  }
  setFlag(name, { value: absentValue(name, reading), arg }, reading);
  return 0;
}

function absentValue(name: string, { names }: Reading): string | boolean {
  return names.strings.has(name) ? "" : true;
}

function setFlag(name: string, { value, arg, collect = true }: Found, reading: Reading): void {
  const { names, options, result } = reading;
  const isKnown = names.isKnown(name) || (options.boolean === true && /^--[^=]+$/.test(arg));
  if (!isKnown && options.unknown?.(arg, name, value) === false) return;
  const typed = typeof value === "string" && !names.strings.has(name) ? toNumber(value) : value;
  for (const one of [name, ...names.aliasesOf(name)]) {
    setDotted(result, one, typed, { collect: collect && names.collected.has(name) });
  }
}

function readPositional(arg: string, { names, options, positional }: Reading): void {
  if (options.unknown?.(arg) === false) return;
  positional.push(names.strings.has("_") ? arg : toNumber(arg));
}

/** Defaults first, and then what a flag of its kind is when nobody gave it. */
function fillAbsent({ names, options, result }: Reading): void {
  for (const [name, value] of Object.entries(options.default ?? {})) {
    if (hasDotted(result, name)) continue;
    for (const one of [name, ...names.aliasesOf(name)]) {
      setDotted(result, one, value);
    }
  }
  for (const name of names.booleans) {
    if (!hasDotted(result, name)) {
      setDotted(result, name, names.collected.has(name) ? [] : false);
    }
  }
  for (const name of names.strings) {
    if (!hasDotted(result, name) && names.collected.has(name)) {
      setDotted(result, name, []);
    }
  }
}

function toNumber(text: string): string | number {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
