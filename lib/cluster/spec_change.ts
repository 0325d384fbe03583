/**
 * What differs between two specs of a service, and whether that takes new processes. How a replica is reached, checked,
 * stopped, restarted or updated, and what of its output is kept, can change under a process that runs; what it is started
 * with can't.
 * @module
 */
import { isExclusive } from "./isolation.ts";
import type { ServiceSpec } from "./service.ts";

/** What takes effect without a new process. */
const IN_PLACE: ReadonlySet<string> = new Set([
  "name",
  "priority",
  "replicas",
  "health",
  "liveness",
  "startup",
  "restart",
  "update",
  "stop",
  "routes",
  "tcp",
  "logs",
]);

/** A field that differs; null where there is none. */
export interface FieldChange {
  path: string;
  before: unknown;
  after: unknown;
}

/** The paths of the fields that differ, such as "env.LOG_LEVEL", in order. */
export function changesBetween(before: ServiceSpec, after: ServiceSpec): string[] {
  return differencesBetween(before, after).map(({ path }) => path);
}

/** The fields that differ with what they are in each, in the order of their paths. */
export function differencesBetween(before: ServiceSpec, after: ServiceSpec): FieldChange[] {
  return differences(before, after, "").sort((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
}

/** Whether a process of one spec is as good as one of the other. */
export function runsAlike(a: ServiceSpec, b: ServiceSpec): boolean {
  // For how long an exclusive replica may outlive its last contact is agreed with its agent once, for all its life.
  if ((isExclusive(a) || isExclusive(b)) && a.stop.timeout !== b.stop.timeout) return false;
  return changesBetween(a, b).every((path) => IN_PLACE.has(path.split(".")[0] ?? path));
}

function differences(before: unknown, after: unknown, path: string): FieldChange[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], path === "" ? key : `${path}.${key}`));
  }
  // What is no record is small: a text, a number, a list of texts.
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, before: before ?? null, after: after ?? null }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
