/**
 * Specs from a text: every document checked strictly, every slip named with its line, its column and what was probably
 * meant. `POST /v1/apply`, the files that are kept applied and the command line read specs by this alone, so that the
 * same text means the same everywhere.
 * @module
 */
import * as z from "zod";
import { refuseContradictions } from "../cluster/contradiction.ts";
import { ServiceSpec } from "../cluster/service.ts";
import { printableLine } from "../runtime/sanitize.ts";
import { type DocumentFault, type Path, readDocuments, type SourceDocument } from "./documents.ts";
import { locate, type LocatedFault, pointerOf } from "./faults.ts";

/** Fields that are part of the contract and don't work in this version. */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  "artifact.url",
  "autoscale",
  "kind",
  "depends_on",
  "secrets",
  "user",
]);
const SHOWN_MAX = 100;

/** A spec of which the scale may be left out: then a service that exists keeps its own. */
export const SpecGiven = z.strictObject({
  ...ServiceSpec.shape,
  replicas: ServiceSpec.shape.replicas.unwrap().optional(),
}).superRefine(refuseContradictions);
export type SpecGiven = z.infer<typeof SpecGiven>;

export type Checked<T> = { kind: "ok"; value: T } | { kind: "faulty"; faults: DocumentFault[] };

/** The specs of a text, each name once. */
export function parseSpecs(text: string): Checked<SpecGiven[]> {
  const read = readDocuments(text);
  if (read.kind === "faulty") return read;
  const checked = read.documents.map((document) => checkSpec(document, SpecGiven));
  const faults = checked.flatMap((one) => one.kind === "faulty" ? one.faults : []);
  faults.push(...doubles(read.documents));
  if (faults.length > 0) return { kind: "faulty", faults };
  return { kind: "ok", value: checked.flatMap((one) => one.kind === "ok" ? [one.value] : []) };
}

/** One document by a schema for specs. */
export function checkSpec<T extends z.ZodType>(document: SourceDocument, schema: T): Checked<z.infer<T>> {
  const { value } = document;
  if (!isRecord(value)) {
    const detail = `expected a service's spec, an object with "name" and "command", but it is ${nameOfKind(value)}`;
    return { kind: "faulty", faults: [faultAt(document, { path: [], about: "value", pointer: "", detail })] };
  }
  const parsed = schema.safeParse(withoutUsualKind(value));
  if (parsed.success) return { kind: "ok", value: parsed.data };
  const located = parsed.error.issues.flatMap((issue) =>
    locate(issue, schema).map((fault) => clearer(document, { issue, fault }))
  );
  return { kind: "faulty", faults: located.map((fault) => faultAt(document, fault)) };
}

/** Every service of this version is of this kind. */
function withoutUsualKind(value: Record<string, unknown>): Record<string, unknown> {
  if (value.kind !== "service") return value;
  const { kind: _, ...rest } = value;
  return rest;
}

/** A fault in better words, where what was meant can be told. */
function clearer(
  { value, plainTextAt }: SourceDocument,
  { issue, fault }: { issue: z.core.$ZodIssue; fault: LocatedFault },
): LocatedFault {
  const name = printableLine(fault.path.join(".")).slice(0, SHOWN_MAX);
  if (issue.code === "unrecognized_keys" && UNAVAILABLE.has(name)) {
    const what = name === "kind"
      ? `kind ${JSON.stringify(valueAt(value, fault.path))?.slice(0, SHOWN_MAX)}`
      : `"${name}"`;
    return { ...fault, detail: `${what} is not available in this version of Muster` };
  }
  if (issue.code !== "invalid_type" || issue.expected !== "string") return fault;
  const found = valueAt(value, fault.path);
  const written = plainTextAt(fault.path);
  if (written === undefined || (typeof found !== "number" && typeof found !== "boolean")) return fault;
  const text = printableLine(written).slice(0, SHOWN_MAX);
  return {
    ...fault,
    detail: `"${name}": ${text} is a ${typeof found} here; to have it as a text, quote it: "${text}"`,
  };
}

function faultAt(document: SourceDocument, { path, about, detail }: LocatedFault): DocumentFault {
  const pointer = printableLine(pointerOf([...document.root, ...path]));
  return { pointer, detail, ...document.placeOf(path, about), document: document.number };
}

/** Names that are given to two services. */
function doubles(documents: readonly SourceDocument[]): DocumentFault[] {
  const first = new Map<string, SourceDocument>();
  return documents.flatMap((document) => {
    const name = isRecord(document.value) ? document.value.name : undefined;
    if (typeof name !== "string") return [];
    const other = first.get(name);
    if (other === undefined) {
      first.set(name, document);
      return [];
    }
    const { line, column } = other.placeOf(["name"]);
    const shown = printableLine(name).slice(0, SHOWN_MAX);
    const detail = `"name": ${shown} is given twice, here and in line ${line}, column ${column}: give each name once`;
    return [faultAt(document, { path: ["name"], about: "value", pointer: "/name", detail })];
  });
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, part) => {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, part)) return undefined;
    return (inner as Record<PropertyKey, unknown>)[part];
  }, value);
}

function nameOfKind(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
