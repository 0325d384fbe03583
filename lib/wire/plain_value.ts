/**
 * A YAML document's value, made of nothing but objects, lists, texts, numbers, booleans and null, as JSON has them.
 * Everything else that YAML can say is refused with its place: other keys than texts, tags, numbers without end, and
 * aliases beyond what a person would write.
 * @module
 */
import {
  type Alias,
  type Document as YamlDocument,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
} from "yaml";
import { DEPTH_MAX, FORBIDDEN_KEY } from "./json.ts";

/** Each alias repeats what it stands for; a few in a chain make more than any memory holds. */
const ALIASES_MAX = 100;
const VALUES_MAX = 200_000;
const SHOWN_MAX = 100;
const KNOWN_TAG = /^(!|tag:yaml\.org,2002:(str|int|float|bool|null|map|seq))$/;

export type PlainValue = { ok: true; value: unknown } | { ok: false; detail: string; offset: number };

export function plainValue(document: YamlDocument.Parsed): PlainValue {
  const { yaml } = document.directives;
  if (yaml.version !== "1.2") return { ok: false, detail: `YAML ${yaml.version} is not read, only 1.2`, offset: 0 };
  const walk: Walk = { document, aliases: 0, values: 0 };
  try {
    return { ok: true, value: document.contents === null ? null : valueOf(walk, document.contents, 0) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, detail: error.message, offset: error.offset };
  }
}

interface Walk {
  document: YamlDocument.Parsed;
  aliases: number;
  values: number;
}

/** Ends the walk, however deep it is. */
class Refusal extends Error {
  readonly offset: number;
  constructor(detail: string, node: unknown) {
    super(detail);
    this.offset = isNode(node) ? node.range?.[0] ?? 0 : 0;
  }
}

function valueOf(walk: Walk, node: Node, depth: number): unknown {
  walk.values += 1;
  if (walk.values > VALUES_MAX) throw new Refusal(`it has more than ${VALUES_MAX} values`, node);
  if (depth > DEPTH_MAX) throw new Refusal(`it is nested more than ${DEPTH_MAX} levels deep`, node);
  if (isAlias(node)) return valueOf(walk, resolve(walk, node), depth + 1);
  if (node.tag !== undefined && !KNOWN_TAG.test(node.tag)) {
    throw new Refusal(`the tag ${node.tag.slice(0, SHOWN_MAX)} is not known`, node);
  }
  if (isScalar(node)) return scalarOf(node);
  if (isSeq(node)) return node.items.map((item) => isNode(item) ? valueOf(walk, item, depth + 1) : null);
  if (isMap(node)) return recordOf(walk, node.items, depth);
  throw new Refusal("it is nothing that a document may have", node);
}

function recordOf(walk: Walk, pairs: readonly Pair[], depth: number): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const { key: keyNode, value } of pairs) {
    const key = keyOf(keyNode);
    if (Object.hasOwn(record, key)) throw new Refusal(`the key "${key.slice(0, SHOWN_MAX)}" is given twice`, keyNode);
    record[key] = isNode(value) ? valueOf(walk, value, depth + 1) : null;
  }
  return record;
}

function keyOf(node: unknown): string {
  if (!isScalar(node)) throw new Refusal("a key has to be a text", node);
  const { value, source = "" } = node;
  if (typeof value !== "string") {
    throw new Refusal(`the key ${source.slice(0, SHOWN_MAX) || "that is empty"} is no text: quote it`, node);
  }
  if (value === FORBIDDEN_KEY) throw new Refusal(`the key "${FORBIDDEN_KEY}" is not allowed`, node);
  return value;
}

function scalarOf(node: Scalar): unknown {
  const { value } = node;
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new Refusal(
    `${node.source?.slice(0, SHOWN_MAX) ?? "this"} is no number that can be used; quote it for a text`,
    node,
  );
}

function resolve(walk: Walk, alias: Alias): Node {
  walk.aliases += 1;
  if (walk.aliases > ALIASES_MAX) throw new Refusal(`it has more than ${ALIASES_MAX} aliases, as they multiply`, alias);
  const node = alias.resolve(walk.document);
  if (node === undefined) {
    throw new Refusal(`there is no anchor "${alias.source.slice(0, SHOWN_MAX)}" before this`, alias);
  }
  return node;
}
