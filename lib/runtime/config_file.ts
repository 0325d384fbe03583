/**
 * The YAML file behind `--config-file`: the same names as the flags, `snake_case` allowed, one value or a list of them.
 * The values stay text, as written (`1.10` isn't turned into 1.1), and are checked by `config.ts` like those of every
 * other source. Loaded only when a file is asked for, since the YAML parser is heavy.
 * @module
 */
import { isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from "yaml";
import type { FlagTable } from "./flag.ts";
import { flagName } from "./flag_name.ts";
import { nearest } from "./nearest.ts";

/** What the file gives one flag, and where. */
export interface FileValue {
  texts: readonly string[];
  line: number;
}

/** The file's values by the flag's key, or what is wrong with it. */
export type ConfigFileResult =
  | { kind: "values"; values: ReadonlyMap<string, FileValue> }
  | { kind: "problem"; message: string };

/** Longer files are not parsed. */
export const CONFIG_FILE_MAX = 1_048_576;

/** Reads the file's content by the table. */
export function readConfigFile(content: string, flags: FlagTable): ConfigFileResult {
  if (content.length > CONFIG_FILE_MAX) return problem(`expected at most ${CONFIG_FILE_MAX} characters`);
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number | undefined) => lines.linePos(offset ?? 0).line;
  const [error] = document.errors;
  if (error) return problem(error.message, lineAt(error.pos[0]));
  if (document.contents === null) return { kind: "values", values: new Map() };
  if (!isMap(document.contents)) return problem("expected flags and their values, such as `port: 9090`", 1);

  const keys = new Map(Object.keys(flags).map((key) => [flagName(key), key]));
  const values = new Map<string, FileValue>();
  for (const pair of document.contents.items) {
    const line = lineAt(offsetOf(pair.key));
    const name = scalarText(pair.key)?.replaceAll("_", "-") ?? "";
    const key = keys.get(name);
    if (key === undefined) return problem(unknownKey(name, keys.keys()), line);
    if (values.has(key)) return problem(`"${name}" is given twice`, line);
    const texts = textsOf(pair);
    if (texts === undefined) return problem(`"${name}" takes one value, a list of values, or pairs`, line);
    values.set(key, { texts, line });
  }
  return { kind: "values", values };
}

/** A scalar is one text, a list several, a map several of the form `key=value`. */
function textsOf({ value }: Pair): readonly string[] | undefined {
  if (isSeq(value)) return allOf(value.items.map(scalarText));
  if (!isMap(value)) return allOf([scalarText(value)]);
  return allOf(value.items.map((pair) => {
    const [key, text] = [scalarText(pair.key), scalarText(pair.value)];
    return key === undefined || text === undefined ? undefined : `${key}=${text}`;
  }));
}

/** The text as written, not as YAML understands it. */
function scalarText(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  return typeof node.value === "string" ? node.value : node.source ?? String(node.value);
}

function allOf(texts: readonly (string | undefined)[]): readonly string[] | undefined {
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) ? node.range?.[0] : undefined;
}

function unknownKey(name: string, known: Iterable<string>): string {
  const close = nearest(name, known);
  return close === undefined ? `unknown key "${name}"` : `unknown key "${name}": did you mean "${close}"?`;
}

function problem(what: string, line?: number): ConfigFileResult {
  return { kind: "problem", message: line === undefined ? what : `line ${line}: ${what}` };
}
