/**
 * What a write is about, in a line that anybody who may read the audit log may read: names and sizes. A value is shown
 * only if its key is on a short list, so that a secret under a key that nobody thought of stays out of it.
 * @module
 */
import { parseJson } from "../../wire/json.ts";

/** Keys whose values are shown: names, numbers and choices. */
const SHOWN = new Set([
  ...["action", "name", "service", "replica", "node", "identity", "id", "kind", "role", "roles", "services"],
  ...["replicas", "count", "slot", "generation", "revision", "force", "drain", "dry_run", "signal"],
  ...["ttl", "ttl_s", "expires", "expires_at", "url"],
]);
const KEYS_MAX = 20;
const NAMES_MAX = 10;
const TEXT_MAX = 80;

/** The query and the body of a request, summed up. */
export function summaryOf({ query, body }: { query: URLSearchParams; body: string }): string {
  const parts = [...new Set(query.keys())].slice(0, KEYS_MAX).map((key) => `?${part(key, query.get(key))}`);
  return [...parts, ...bodyParts(body)].join(" ");
}

function bodyParts(body: string): string[] {
  if (body === "") return [];
  const parsed = parseJson(body);
  if (!parsed.ok) return [`${new TextEncoder().encode(body).length} bytes`];
  const { value } = parsed;
  return isRecord(value) ? partsOf(value) : [sizeOf(value)];
}

function partsOf(record: Record<string, unknown>): string[] {
  const entries = Object.entries(record);
  const more = entries.length > KEYS_MAX ? [`and ${entries.length - KEYS_MAX} more`] : [];
  return [...entries.slice(0, KEYS_MAX).map(([key, value]) => part(key, value)), ...more];
}

function part(key: string, value: unknown): string {
  return `${short(key)}=${SHOWN.has(key) ? shown(key, value) : sizeOf(value)}`;
}

function shown(key: string, value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  // Whatever else a URL has may be a secret.
  if (typeof value === "string") return short(key === "url" ? URL.parse(value)?.origin ?? sizeOf(value) : value);
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return listed(value);
  return sizeOf(value);
}

/** How much there is, and for an object the names in it. */
function sizeOf(value: unknown): string {
  if (typeof value === "string") return `(${value.length} characters)`;
  if (Array.isArray(value)) {
    const names = value.flatMap((each) => (isRecord(each) && typeof each.name === "string" ? [each.name] : []));
    return `(${value.length} items${names.length > 0 ? `: ${listed(names)}` : ""})`;
  }
  if (isRecord(value)) return `{${listed(Object.keys(value))}}`;
  return `(${value === null ? "null" : typeof value})`;
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : "";
  return names.slice(0, NAMES_MAX).map(short).join(",") + more;
}

function short(text: string): string {
  const quoted = /^[\w./:@*-]*$/.test(text) ? text : JSON.stringify(text);
  return quoted.length <= TEXT_MAX ? quoted : `${quoted.slice(0, TEXT_MAX - 1)}…`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
