/**
 * An answer as it might look, made of its schema: what a field is called says more of its value than its type does.
 * @module
 */
import { ServiceSpec } from "../../../cluster/service.ts";
import { VERSION } from "../../../runtime/version.ts";
import { referredTo } from "./components.ts";
import type { JsonSchema } from "./json_schema.ts";

const DEPTH_MAX = 8;
const [REPLICA, NODE] = ["6f1c2f4e-8a4b-4c0e-9d2b-5a1f0c3e7b91", "b1d7a9c4-3e52-4f8e-8c66-90a4d5e1f207"];
const TIME = "2026-11-21T12:00:00.000Z";
const DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/** Whose the names are: a token isn't called as a service is. */
const BY_SUBJECT: readonly [RegExp, Readonly<Record<string, unknown>>][] = [
  [/^Access$|Token|Session/, { name: "ci" }],
  [/^(Agents|Nodes)$|Node/, { id: NODE, name: "host-a" }],
  [/^Replicas$|Replica/, { name: "web.1" }],
];
/** What has more to say than its fields. */
const WHOLE: Readonly<Record<string, unknown>> = {
  ServiceSpec: ServiceSpec.parse({ name: "web", command: ["payload"], replicas: 2 }),
  Duration: "10s",
};
const BY_FIELD: Readonly<Record<string, unknown>> = {
  id: REPLICA,
  replica: REPLICA,
  instance: REPLICA,
  node: NODE,
  identity: NODE,
  name: "web",
  service: "web",
  node_name: "host-a",
  by: "alice",
  url: "http://10.0.0.5:9090",
  agent: "http://10.0.0.5:9090",
  leader: "http://127.0.0.1:8000",
  address: "10.0.0.5",
  version: VERSION,
  reason: "1 of 2 running",
  text: "web.1 is ready on host-a",
  summary: "web runs as it should",
  line: "GET / 200",
  kind: "ready",
  path: "replicas",
  slot: 1,
  generation: 3,
  revision: 42,
  fence: 41,
  epoch: 7,
  desired: 2,
  ready: 2,
  assigned: 2,
  updated: 2,
  pid: 4_711,
  port: 20_017,
  uptime_s: 360.5,
  last_seen_s: 0.4,
  cpu: 0.25,
  memory: 128,
  memory_bytes: 67_108_864,
  p50_s: 0.004,
  p99_s: 0.021,
  labels: { zone: "a" },
  ports: { http: 20_017 },
  command: ["payload"],
  token: "muster_…",
  sha256: DIGEST,
  hash: DIGEST,
  prev: DIGEST,
  removed: false,
  complete: true,
};
/** Of several words the one that tells most. */
const TELLING = ["ready", "running", "rolling", "release", "changed", "operator", "answered", "replica", "SIGHUP"];
const TIMES = /(^|_)(at|time|since|began|changed)$/;
/** What is null in a cluster that is well. */
const QUIET = new Set(["next_cursor", "exit", "drain", "skew", "deadline", "held_up", "cut_short", "before", "next"]);

/** A value that the schema would take, in an answer of that chapter. */
export function sampleOf(schema: JsonSchema, { schemas, tag }: Pick<Place, "schemas"> & { tag: string }): unknown {
  return valueOf(schema, { schemas, about: tag, key: "", depth: 0 });
}

interface Place {
  schemas: Readonly<Record<string, JsonSchema>>;
  /** The schema's name, or the chapter. */
  about: string;
  /** The name of the field. */
  key: string;
  depth: number;
}

function valueOf(schema: JsonSchema, place: Place): unknown {
  const { schemas, key, depth } = place;
  const name = referredTo(schema);
  if (depth > DEPTH_MAX) return null;
  if (name !== undefined) {
    return WHOLE[name] ?? valueOf(schemas[name] ?? {}, { ...place, about: name, depth: depth + 1 });
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return TELLING.find((word) => schema.enum?.includes(word)) ?? schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  const kinds = schema.anyOf ?? schema.oneOf;
  if (kinds !== undefined) return ofSeveral(kinds.filter(isSchema), place);
  const types = [schema.type].flat();
  if (types.includes("null") && QUIET.has(key)) return null;
  const [type] = types;
  const named = TIMES.test(key) && type === "string" ? TIME : namedValue(place);
  if (named !== undefined && fits(named, type)) return named;
  return usual(schema, type, place);
}

function namedValue({ about, key }: Place): unknown {
  const [, own] = BY_SUBJECT.find(([subject, fields]) => subject.test(about) && key in fields) ?? [];
  return own?.[key] ?? BY_FIELD[key];
}

function ofSeveral(kinds: readonly JsonSchema[], place: Place): unknown {
  const nothing = kinds.some(({ type }) => type === "null");
  const [first] = kinds.filter(({ type }) => type !== "null");
  return first === undefined || (nothing && QUIET.has(place.key)) ? null : valueOf(first, place);
}

function usual(schema: JsonSchema, type: string | undefined, place: Place): unknown {
  switch (type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).flatMap(([key, field]) =>
          isSchema(field) ? [[key, valueOf(field, { ...place, key, depth: place.depth + 1 })]] : []
        ),
      );
    case "array":
      return isSchema(schema.items) && saysMore(schema.items) ? [valueOf(schema.items, { ...place, key: "" })] : [];
    case "integer":
    case "number":
      return Math.max(schema.minimum ?? 0, 0);
    case "boolean":
      return false;
    case "string":
      return schema.format === "uuid" ? REPLICA : schema.format === "date-time" ? TIME : "…";
    default:
      return null;
  }
}

/** A list of mere words is as well empty. */
function saysMore(items: JsonSchema): boolean {
  return items.type === undefined || items.type === "object";
}

function fits(value: unknown, type: string | undefined): boolean {
  const found = Array.isArray(value) ? "array" : typeof value;
  return found === type || (type === "integer" && Number.isInteger(value));
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null;
}
