/**
 * A spec as somebody would write it in a file: YAML, without what is empty. Only for reading; what is sent to the
 * controller is what people typed themselves.
 * @module
 */

/** Words that YAML takes for something else than a text. */
const OTHER = /^(true|false|yes|no|on|off|null|~)$/i;
const PLAIN = /^[A-Za-z_/.][\w ./%@+-]*(?<! )$/;

export function specText(spec: unknown): string {
  return linesOf(spec).join("\n");
}

function linesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => indented(linesOf(item), "- "));
  if (!isRecord(value)) return [scalar(value)];
  return Object.entries(value).filter(([, inner]) => !isEmpty(inner)).flatMap(([key, inner]) => {
    const name = scalar(key);
    const isFlat = Array.isArray(inner) && inner.every((item) => typeof item !== "object");
    if (isFlat) return [`${name}: [${inner.map((item) => scalar(item)).join(", ")}]`];
    if (typeof inner === "object" && inner !== null) return [`${name}:`, ...indented(linesOf(inner), "  ")];
    return [`${name}: ${scalar(inner)}`];
  });
}

/** The first line behind the mark, all others below it. */
function indented(lines: readonly string[], mark: string): string[] {
  return lines.map((line, index) => `${index === 0 ? mark : "  "}${line}`);
}

/** Whatever might be taken for something else is quoted, as JSON is, which YAML reads too. */
function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return PLAIN.test(value) && !OTHER.test(value) ? value : JSON.stringify(value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.values(value).every(isEmpty);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
