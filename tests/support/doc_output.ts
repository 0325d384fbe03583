/**
 * Whether what was printed has the form of what a document shows: ids, numbers and times differ from run to run, names and
 * words do not. `…` stands for anything.
 * @module
 */

const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;
const NUMBER = /\d+(?:\.\d+)?/;
const DURATION = new RegExp(`${NUMBER.source} (?:ms|s|min)\\b`);
const VARYING = new RegExp(`(${UUID.source}|${DURATION.source}|${NUMBER.source}|myhost|…|\\s+)`);
const CHECKS: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`^${UUID.source}$`), UUID.source],
  [new RegExp(`^${DURATION.source}$`), DURATION.source],
  [/^\d/, NUMBER.source],
  // Names of hosts may have any length; what is shown after them moves.
  [/^myhost$/, "[\\w.-]+"],
  [/^…$/, ".*"],
  [/^\s+$/, "\\s+"],
];

/** The first thing that is shown and was not printed; undefined when all was. */
export function missingIn(
  printed: string,
  { shown, language }: { shown: string; language: string },
): string | undefined {
  if (language === "json") return lacking(JSON.parse(printed), JSON.parse(shown), "");
  const lines = printed.split("\n");
  let from = 0;
  for (const line of shown.trimEnd().split("\n")) {
    const form = formOf(line);
    const at = lines.findIndex((candidate, index) => index >= from && form.test(candidate));
    if (at < 0) return line;
    from = at + 1;
  }
  return undefined;
}

/** A line as a pattern. */
export function formOf(line: string): RegExp {
  const parts = line.trimEnd().split(VARYING).map((part) =>
    CHECKS.find(([check]) => check.test(part))?.[1] ?? RegExp.escape(part)
  );
  return new RegExp(`^${parts.join("")}\\s*$`);
}

/** JSON is alike when each field that is shown is there, as something of the same kind or null. */
function lacking(printed: unknown, shown: unknown, path: string): string | undefined {
  if (printed === null || shown === null) return undefined;
  if (Array.isArray(shown)) {
    if (!Array.isArray(printed)) return path;
    return shown.length > 0 && printed.length > 0 ? lacking(printed[0], shown[0], `${path}/0`) : undefined;
  }
  if (typeof shown !== "object") return typeof printed === typeof shown ? undefined : path;
  if (typeof printed !== "object") return path;
  const found = new Map(Object.entries(printed));
  for (const [key, value] of Object.entries(shown)) {
    const missing = found.has(key) ? lacking(found.get(key), value, `${path}/${key}`) : `${path}/${key}`;
    if (missing !== undefined) return missing;
  }
  return undefined;
}
