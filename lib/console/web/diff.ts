/**
 * What differs between two specs, field by field, for people to look at: paths such as "env.LOG_LEVEL" with what stood
 * there and what stands there now. The controller's own answer to that is `POST /v1/plan`; this is for history, whose
 * specs are here already.
 * @module
 */
import type { Difference } from "../../wire/change.ts";

/** The fields in which they differ, by path. */
export function diffOf(before: unknown, after: unknown): Difference[] {
  return differences(before, after, "").sort((a, b) => a.path < b.path ? -1 : 1);
}

/** A value of a spec as one would write it; what isn't there is "". */
export function valueText(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return JSON.stringify(value, null, typeof value === "object" && !Array.isArray(value) ? 2 : undefined);
}

function differences(before: unknown, after: unknown, path: string): Difference[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], path === "" ? key : `${path}.${key}`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
