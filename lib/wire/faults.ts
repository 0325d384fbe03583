/**
 * What zod finds wrong with a document, in words for whoever wrote it: the place as a pointer (RFC 6901), and for a
 * field that is not known the one that was probably meant.
 * @module
 */
import type * as z from "zod";
import { nearest } from "../runtime/nearest.ts";
import { printableLine } from "../runtime/sanitize.ts";
import type { Fault } from "./problem.ts";
import { fieldsAt } from "./schema_fields.ts";

const SHOWN_MAX = 100;

/** A fault, with the path that its pointer stands for. */
export interface LocatedFault extends Fault {
  path: PropertyKey[];
  /** Whether it is about the key, and not about what is under it. */
  about: "value" | "key";
}

/** What an issue with a document of this schema says. */
export function locate(issue: z.core.$ZodIssue, schema: z.ZodType): LocatedFault[] {
  const { path } = issue;
  if (issue.code !== "unrecognized_keys") {
    const where = path.length === 0 ? "" : `"${shown(path.join("."))}": `;
    return [{ path, about: "value", pointer: pointerOf(path), detail: `${where}${issue.message}` }];
  }
  const known = fieldsAt(schema, path);
  return issue.keys.map((key) => {
    const meant = nearest(key, known);
    const hint = meant === undefined ? `known are ${known.join(", ")}` : `did you mean "${meant}"?`;
    const detail = `unknown field "${shown(key)}": ${hint}`;
    return { path: [...path, key], about: "key", pointer: pointerOf([...path, shown(key)]), detail };
  });
}

/** The same without the path, as an answer carries it. */
export function faultsOf(issue: z.core.$ZodIssue, schema: z.ZodType): Fault[] {
  return locate(issue, schema).map(({ pointer, detail }) => ({ pointer, detail }));
}

/** A path as RFC 6901 writes it. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function shown(text: string): string {
  return printableLine(text).slice(0, SHOWN_MAX);
}
