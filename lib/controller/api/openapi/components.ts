/**
 * The schemas of the API page: what the contract names by an export has that name there too, and stands in the document
 * once; all else is written out where it is used.
 * @module
 */
import * as z from "zod";
import { Exit } from "../../../cluster/replica.ts";
import { RolloutCause, RolloutPhase } from "../../../cluster/rollout.ts";
import { ServiceName, ServiceSpec } from "../../../cluster/service.ts";
import { Duration } from "../../../cluster/spec_field.ts";
import { Role } from "../../../cluster/token.ts";
import * as api from "../../../wire/api.ts";
import * as artifact from "../../../wire/artifact.ts";
import * as audit from "../../../wire/audit.ts";
import * as change from "../../../wire/change.ts";
import { NodeRegistration } from "../../../wire/contract/nodes.ts";
import * as explain from "../../../wire/explain.ts";
import * as join from "../../../wire/join.ts";
import * as node from "../../../wire/node.ts";
import * as problem from "../../../wire/problem.ts";
import * as rebalance from "../../../wire/rebalance.ts";
import * as signal from "../../../wire/replica_signal.ts";
import { SpecGiven } from "../../../wire/specs.ts";
import * as usage from "../../../wire/usage.ts";
import * as watch from "../../../wire/watch.ts";
import { type Direction, type JsonSchema, jsonSchemasOf } from "./json_schema.ts";

const REFERENCE = "#/components/schemas/";
const SINGLE = {
  Duration,
  Exit,
  NodeRegistration,
  Role,
  RolloutCause,
  RolloutPhase,
  ServiceName,
  ServiceSpec,
  SpecGiven,
};
const WIRE = [api, artifact, audit, change, explain, join, node, problem, rebalance, signal, usage, watch];

const NAMED: ReadonlyMap<z.ZodType, string> = new Map(
  [SINGLE, ...WIRE].flatMap((exports) =>
    Object.entries(exports).flatMap(([name, value]) => (value instanceof z.ZodType ? [[value, name] as const] : []))
  ),
);

export interface Components {
  /** What is referred to, by its name. */
  schemas: Record<string, JsonSchema>;
  /** A schema as it stands in an operation. */
  schemaOf(schema: z.ZodType, io: Direction): JsonSchema;
}

/** The schemas of what operations take and of what they answer. */
export function componentsFor(used: Readonly<Record<Direction, Iterable<z.ZodType>>>): Components {
  const sides = { input: sideOf(used.input, "input"), output: sideOf(used.output, "output") };
  const schemas: Record<string, JsonSchema> = {};
  for (const side of [sides.input, sides.output]) {
    for (const name of side.reached) schemas[name] = same(name, schemas[name], side.named[name]);
  }
  return {
    schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
    schemaOf: (schema, io) => sides[io].roots.get(schema) ?? {},
  };
}

/** The schema that a reference of the document leads to, and the name of it; undefined when it is none. */
export function referredTo(schema: object): string | undefined {
  const reference = "$ref" in schema ? String(schema.$ref) : "";
  return reference.startsWith(REFERENCE) ? reference.slice(REFERENCE.length) : undefined;
}

interface Side {
  named: Record<string, JsonSchema>;
  /** What stands in the operations. */
  roots: Map<z.ZodType, JsonSchema>;
  /** The names of what they refer to, directly or not. */
  reached: Set<string>;
}

function sideOf(used: Iterable<z.ZodType>, io: Direction): Side {
  const all = [...new Set(used)];
  const unnamed = new Map(all.filter((schema) => !NAMED.has(schema)).map((schema, at) => [schema, `unnamed ${at}`]));
  const uri = (name: string) => `${REFERENCE}${name}`;
  const named = jsonSchemasOf(new Map([...NAMED, ...unnamed]), { io, uri });
  const roots = new Map(all.map((schema): [z.ZodType, JsonSchema] => {
    const name = NAMED.get(schema);
    return [schema, name === undefined ? named[unnamed.get(schema) ?? ""] ?? {} : { $ref: uri(name) }];
  }));
  const reached = new Set([...roots.values()].flatMap(namesIn));
  for (const name of reached) for (const next of namesIn(named[name])) reached.add(next);
  return { named, roots, reached };
}

/** The names of all that a schema refers to. */
function namesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const name = referredTo(value);
  return name === undefined ? Object.values(value).flatMap(namesIn) : [name];
}

/** What has one name is one thing, whether it comes in or goes out. */
function same(name: string, one: JsonSchema | undefined, other: JsonSchema | undefined): JsonSchema {
  if (other === undefined) throw new Error(`Cannot document schema ${name}: it was not made`);
  if (one !== undefined && JSON.stringify(one) !== JSON.stringify(other)) {
    throw new Error(`Cannot document schema ${name}: it is one thing in requests and another in answers`);
  }
  return other;
}
