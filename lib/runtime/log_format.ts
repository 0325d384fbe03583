/**
 * How one log record looks: a JSON object for machines, a line with aligned columns for people. Pure; `log.ts` decides
 * which of the two is written. Neither ever holds a raw control character, whatever the fields bring along.
 * @module
 */
import { printableLine } from "./sanitize.ts";

export type Level = "debug" | "info" | "warn" | "error";

/** What a log call says beside its message: values that JSON can show, or errors. */
export type Fields = Readonly<Record<string, unknown>>;

/** One thing to be logged. */
export interface Entry {
  time: Date;
  level: Level;
  logger: string;
  msg: string;
  fields: Fields;
}

/** Longer texts are cut: one runaway value must not fill the disk. */
const TEXT_MAX = 8_192;
/** Causes deeper than this are left out. */
const CAUSES_MAX = 8;

const COLOURS: Readonly<Record<Level, string>> = { debug: "90", info: "32", warn: "33", error: "31" };

/** Characters that JSON leaves alone and a terminal may obey: DEL, C1, line ends and direction marks. */
const UNESCAPED = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The entry as one JSON object: `time`, `level`, `logger`, `msg`, then the fields. */
export function jsonLine({ time, level, logger, msg, fields }: Entry, options: { stacks?: boolean } = {}): string {
  const core = { time: time.toISOString(), level, logger, msg: cut(msg) };
  // The core stands first and also wins: a field can't pass itself off as another level or time.
  const json = stringify({ ...core, ...fields, ...core }, options);
  return json.replace(UNESCAPED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The entry for people: `12:03:04.123 INFO  agent: message key=value`. */
export function prettyLine(
  { time, level, logger, msg, fields }: Entry,
  { colours = false, stacks = false }: { colours?: boolean; stacks?: boolean } = {},
): string {
  const paint = (text: string, code: string) => colours ? `\x1b[${code}m${text}\x1b[0m` : text;
  const clock = time.toISOString().slice(11, 23);
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined).map(([key, value]) =>
    ` ${paint(`${printableLine(key)}=`, "90")}${prettyValue(value, { stacks })}`
  );
  const head = `${paint(clock, "90")} ${paint(level.toUpperCase().padEnd(5), COLOURS[level])}`;
  return `${head} ${printableLine(logger)}: ${printableLine(cut(msg))}${pairs.join("")}`;
}

/** An error with its causes on one line: `cannot open x: no such file (caused by NotFound: …)`. */
export function errorText(error: unknown): string {
  const parts: string[] = [];
  for (let at = error; at !== undefined && parts.length < CAUSES_MAX; at = at instanceof Error ? at.cause : undefined) {
    parts.push(at instanceof Error ? namedMessage(at) : String(at));
  }
  return cut(parts.join("; caused by "));
}

/** The plain name "Error" says nothing; any other says which kind. */
function namedMessage({ name, message }: Error): string {
  return name === "Error" ? message : `${name}: ${message}`;
}

function prettyValue(value: unknown, options: { stacks: boolean }): string {
  const plain = plainValue(value, options);
  const text = typeof plain === "string" ? plain : stringify(plain, options);
  const line = printableLine(text);
  return typeof plain === "string" && /[\s"=]|^$/.test(line) ? `"${line.replaceAll('"', '\\"')}"` : line;
}

function plainValue(value: unknown, { stacks = false }: { stacks?: boolean }): unknown {
  if (value instanceof Error) return stacks ? cut(`${errorText(value)}\n${value.stack ?? ""}`) : errorText(value);
  if (typeof value === "bigint") return value.toString();
  return typeof value === "string" ? cut(value) : value;
}

/** JSON of anything: what JSON can't say, such as a circle, is named instead of thrown. */
function stringify(value: unknown, options: { stacks?: boolean }): string {
  try {
    return JSON.stringify(value, (_, inner) => plainValue(inner, options)) ?? String(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    if (typeof value !== "object" || value === null) return JSON.stringify(String(value));
    const shallow = Object.entries(value).map(([key, inner]) => [key, isPlain(inner) ? inner : errorText(error)]);
    return JSON.stringify(Object.fromEntries(shallow));
  }
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function cut(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}… (${text.length - TEXT_MAX} more)`;
}
