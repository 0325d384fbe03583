/**
 * What a flag is: how its text is read, what it is when nobody gives it, and what the help says about it. A program lists
 * its flags in one table, and `config.ts` reads that table from the command line, the environment and a file, so that a
 * value meets the same rule wherever it comes from. Defaults, too, are written as the operator would write them.
 * @module
 */
import { DURATION_RULE, readDurationMs } from "./duration.ts";

/** One flag, whose value is a `T`. */
export interface Flag<T> {
  /** A switch needs no value; a list takes many. */
  readonly shape: "switch" | "single" | "list";
  readonly about: About & { default?: string };
  /** What stands for the value in the help: `<port>`. */
  readonly placeholder: string;
  /** The value when it is given nowhere. */
  readonly absent: T;
  read(texts: readonly string[]): Reading<T>;
}

/** A value, or what was expected and what was there instead. */
export type Reading<T> = { ok: true; value: T } | { ok: false; expected: string; found: string };

/** What people are told about a flag, and where else it is found. */
export interface About {
  help: string;
  /** The heading under which the help lists it. */
  group?: string;
  /** A one-letter form: `f` for `-f`. */
  short?: string;
  placeholder?: string;
  /** A second variable of the environment that gives the value: `PORT`. */
  alsoEnv?: string;
  /** No variable gives it: the one of its name tells a replica about itself. */
  noEnv?: true;
}

type AboutWithDefault = About & { default: string };
type AboutEither = About & { default?: string };

/** A program's flags, by the name that the value has in its config. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

/** The values of a table's flags. */
export type ValuesOf<F extends FlagTable> = { readonly [Key in keyof F]: F[Key] extends Flag<infer T> ? T : never };

/** How the text of one value is read: `undefined` when it breaks the rule. */
interface Rule<T> {
  placeholder: string;
  expected: string;
  read(text: string): T | undefined;
}

/** Any text but the empty one. */
export function text(about: AboutWithDefault): Flag<string>;
export function text(about: About): Flag<string | undefined>;
export function text(about: AboutEither): Flag<string | undefined> {
  return single(about, { placeholder: "<text>", expected: "a value", read: (value) => value || undefined });
}

/** A TCP or UDP port; 0 asks for any free one. */
export function port(about: AboutWithDefault): Flag<number>;
export function port(about: About): Flag<number | undefined>;
export function port(about: AboutEither): Flag<number | undefined> {
  return single(about, portRule);
}

/** A duration, as milliseconds. Its name in the table ends in `Ms`, its flag doesn't. */
export function duration(about: AboutWithDefault): Flag<number>;
export function duration(about: About): Flag<number | undefined>;
export function duration(about: AboutEither): Flag<number | undefined> {
  return single(about, { placeholder: "<duration>", expected: DURATION_RULE, read: readDurationMs });
}

/** A duration, as milliseconds, or `off`. */
export function durationOrOff(about: AboutWithDefault): Flag<number | "off"> {
  const rule: Rule<number | "off"> = {
    placeholder: "<duration>|off",
    expected: `${DURATION_RULE}, or off`,
    read: (value) => value === "off" ? value : readDurationMs(value),
  };
  const flag = single(about, rule);
  return { ...flag, absent: flag.absent ?? "off" };
}

/** The numbers that are allowed; `whole` leaves fractions out. */
export interface Bounds {
  min: number;
  max: number;
  whole?: boolean;
}

/** A number within bounds. */
export function number(about: AboutWithDefault & Bounds): Flag<number>;
export function number(about: About & Bounds): Flag<number | undefined>;
export function number(about: AboutEither & Bounds): Flag<number | undefined> {
  return single(about, numberRule(about));
}

/** One of a few words. */
export function oneOf<const W extends string>(words: readonly W[], about: About & { default: W }): Flag<W> {
  const rule: Rule<W> = {
    placeholder: words.join("|"),
    expected: `one of ${words.join(", ")}`,
    read: (value) => words.find((word) => word === value),
  };
  return { ...single(about, rule), absent: about.default };
}

/** On or off; `--no-…` turns off what is on by default. */
export function onOff(about: About & { default?: "true" | "false" }): Flag<boolean> {
  const flag = single(about, { placeholder: "", expected: "true or false", read: readSwitch });
  return { ...flag, shape: "switch", absent: flag.absent ?? false };
}

/** Texts, in the order given: the flag may be repeated. */
export function list(about: About): Flag<readonly string[]> {
  return many(about, { placeholder: "<text>", expected: "a value", read: (value) => value || undefined });
}

/** Ports, in the order given. */
export function ports(about: About): Flag<readonly number[]> {
  return many(about, portRule);
}

/** Pairs `key=value`; of a repeated key the last one counts. */
export function pairs(about: About): Flag<Readonly<Record<string, string>>> {
  const flag = many(about, { placeholder: "<key>=<value>", expected: "key=value", read: readPair });
  return {
    ...flag,
    absent: {},
    read: (texts) => {
      const reading = flag.read(texts);
      return reading.ok ? { ok: true, value: Object.fromEntries(reading.value) } : reading;
    },
  };
}

const portRule: Rule<number> = { ...numberRule({ min: 0, max: 65_535, whole: true }), placeholder: "<port>" };

function numberRule({ min, max, whole = false }: Bounds): Rule<number> {
  return {
    placeholder: "<number>",
    expected: `a ${whole ? "whole number" : "number"} from ${min} to ${max}`,
    read: (value) => {
      if (!/^-?\d{1,15}(\.\d{1,15})?$/.test(value)) return undefined;
      const read = Number(value);
      return read < min || read > max || (whole && !Number.isInteger(read)) ? undefined : read;
    },
  };
}

function readSwitch(value: string): boolean | undefined {
  if (["true", "yes", "on", "1"].includes(value)) return true;
  return ["false", "no", "off", "0"].includes(value) ? false : undefined;
}

function readPair(value: string): [string, string] | undefined {
  const at = value.indexOf("=");
  return at > 0 ? [value.slice(0, at), value.slice(at + 1)] : undefined;
}

/** A flag of one value that may still lack its value for "given nowhere". */
type Single<T> = Omit<Flag<T>, "absent"> & { readonly absent: T | undefined };

function single<T>(about: AboutEither, rule: Rule<T>): Single<T> {
  const read = (texts: readonly string[]) => readOne(texts.at(-1) ?? "", rule);
  return {
    shape: "single",
    about,
    placeholder: about.placeholder ?? rule.placeholder,
    absent: defaultOf(about, rule),
    read,
  };
}

function many<T>(about: About, rule: Rule<T>): Flag<readonly T[]> {
  const read = (texts: readonly string[]): Reading<readonly T[]> => {
    const values: T[] = [];
    for (const value of texts) {
      const reading = readOne(value, rule);
      if (!reading.ok) return reading;
      values.push(reading.value);
    }
    return { ok: true, value: values };
  };
  return { shape: "list", about, placeholder: about.placeholder ?? rule.placeholder, absent: [], read };
}

function readOne<T>(found: string, rule: Rule<T>): Reading<T> {
  const value = rule.read(found);
  return value === undefined ? { ok: false, expected: rule.expected, found } : { ok: true, value };
}

/** A default that breaks its own rule is a slip in the table, not of the operator. */
function defaultOf<T>(about: AboutEither, rule: Rule<T>): T | undefined {
  if (about.default === undefined) return undefined;
  const value = rule.read(about.default);
  if (value === undefined) throw new TypeError(`Cannot use "${about.default}" as a default: expected ${rule.expected}`);
  return value;
}
