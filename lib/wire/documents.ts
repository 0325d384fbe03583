/**
 * The documents of a text in YAML or JSON, as people write specs: several in one text, or a list of them. What a parser
 * would take in silence (a key given twice, `__proto__`, numbers without end, aliases that multiply) is refused with its
 * line and column, and each document can say where in the text a value of it is. Whose text it is makes no difference:
 * the API, the files that are kept applied and the command line all read by this.
 * @module
 */
import { Composer, type Document as YamlDocument, isMap, isScalar, isSeq, Lexer, LineCounter, Parser } from "yaml";
import { parseJson } from "./json.ts";
import { plainValue } from "./plain_value.ts";
import type { Fault } from "./problem.ts";

export const TEXT_BYTES_MAX = 1_048_576;
export const DOCUMENTS_MAX = 1_000;
/** What the parser takes for a text follows from its words and marks: so many are worth about a second. */
const LEXEMES_MAX = 200_000;
const BRACKETS_MAX = 64;
const PARSER_FAULTS_MAX = 20;
/** How the parser says that it called itself too often. */
const OVERFLOW = /call stack/;
const TOO_DEEP = "it is nested too deeply";

/** A place in a text, counted from 1. */
export interface Place {
  line: number;
  column: number;
}

/** What is wrong with a document, and where. */
export type DocumentFault = Required<Fault>;

export type Path = readonly PropertyKey[];

export interface SourceDocument {
  value: unknown;
  /** Which one of the text it is, from 1. */
  number: number;
  /** Where it begins within its YAML document: nowhere else, unless it is one of a list. */
  root: Path;
  /** Where the value at the path is, or the key that leads to it; else the nearest that is there. */
  placeOf: (path: Path, of?: "value" | "key") => Place;
  /** The plain scalar at the path as it was written; undefined for anything else. */
  plainTextAt: (path: Path) => string | undefined;
}

export type Documents =
  | { kind: "ok"; documents: SourceDocument[] }
  | { kind: "faulty"; faults: DocumentFault[] };

/** Reads the text. There is at least one document when all is well. */
export function readDocuments(text: string): Documents {
  if (text.length > TEXT_BYTES_MAX || new TextEncoder().encode(text).length > TEXT_BYTES_MAX) {
    return faulty(`a text may have at most ${TEXT_BYTES_MAX} bytes`);
  }
  const json = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  const yaml = () => parseYaml(text);
  // What is JSON needs no look at the YAML until somebody asks where something is.
  if (json?.ok) return collected([{ value: json.value, source: lazily(yaml, 0) }]);
  const parsed = yaml();
  if (parsed.kind === "faulty") return parsed;
  return collected(parsed.sources.map((source) => ({ value: source.value, source: () => source })));
}

/** The document that a path leads through. */
interface Source {
  document: YamlDocument.Parsed;
  lines: LineCounter;
  value: unknown;
}

type ParsedYaml = { kind: "parsed"; sources: Source[] } | Extract<Documents, { kind: "faulty" }>;

function parseYaml(text: string): ParsedYaml {
  const excess = excessOf(text);
  if (excess !== undefined) return faulty(excess);
  const lines = new LineCounter();
  const placeAt = (offset: number) => placeIn(lines, offset);
  // The parser's own look for equal keys takes the square of their number: `plainValue` does it.
  const composer = new Composer({ lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const sources: Source[] = [];
  try {
    for (const document of composer.compose(new Parser(lines.addNewLine).parse(text))) {
      const number = sources.length + 1;
      if (number > DOCUMENTS_MAX) return faulty(`a text may have at most ${DOCUMENTS_MAX} documents`);
      if (document.errors.length > 0) {
        return {
          kind: "faulty",
          faults: document.errors.slice(0, PARSER_FAULTS_MAX).map(({ message, pos }) => ({
            pointer: "",
            detail: OVERFLOW.test(message) ? TOO_DEEP : message,
            document: number,
            ...placeAt(pos[0]),
          })),
        };
      }
      const plain = plainValue(document);
      if (!plain.ok) return faulty(plain.detail, { document: number, ...placeAt(plain.offset) });
      sources.push({ document, lines, value: plain.value });
    }
  } catch (error) {
    // The parser calls itself for what lies within: a text may be nested deeper than it can go.
    if (error instanceof RangeError) return faulty(TOO_DEEP);
    throw error;
  }
  return { kind: "parsed", sources };
}

/** Why a text is more than a parser should be given; undefined when it is not. */
function excessOf(text: string): string | undefined {
  let lexemes = 0;
  let open = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > LEXEMES_MAX) return `it has more than ${LEXEMES_MAX} words and marks`;
    if (lexeme === "{" || lexeme === "[") open += 1;
    else if (lexeme === "}" || lexeme === "]") open -= 1;
    if (open > BRACKETS_MAX) return TOO_DEEP;
  }
  return undefined;
}

function collected(read: { value: unknown; source: () => Source | undefined }[]): Documents {
  const documents = read.flatMap(({ value, source }, index) => {
    const document = (inner: unknown, root: Path): SourceDocument => ({
      value: inner,
      number: index + 1,
      root,
      placeOf: (path, of = "value") => placeOf(source(), [...root, ...path], of),
      plainTextAt: (path) => plainTextAt(source(), [...root, ...path]),
    });
    if (Array.isArray(value)) return value.map((item, at) => document(item, [at]));
    // A text may begin or end with a line of dashes.
    return value === null ? [] : [document(value, [])];
  });
  if (documents.length === 0) return faulty("it is empty");
  if (documents.length > DOCUMENTS_MAX) return faulty(`a text may have at most ${DOCUMENTS_MAX} documents`);
  return { kind: "ok", documents };
}

function lazily(parse: () => ParsedYaml, index: number): () => Source | undefined {
  let parsed: ParsedYaml | undefined;
  return () => {
    parsed ??= parse();
    return parsed.kind === "parsed" ? parsed.sources[index] : undefined;
  };
}

function placeOf(source: Source | undefined, path: Path, of: "value" | "key"): Place {
  if (source === undefined) return { line: 1, column: 1 };
  let node: unknown = source.document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const [depth, part] of path.entries()) {
    const step = stepInto(source, node, part);
    if (step === undefined) break;
    const isLast = depth === path.length - 1;
    offset = (isLast && of === "key" ? offsetOf(step.key) : undefined) ?? offsetOf(step.value) ?? offset;
    node = step.value;
  }
  return placeIn(source.lines, offset);
}

function plainTextAt(source: Source | undefined, path: Path): string | undefined {
  let node: unknown = source?.document.contents;
  for (const part of path) node = source && stepInto(source, node, part)?.value;
  return isScalar(node) && node.type === "PLAIN" ? node.source : undefined;
}

/** The key and the value of what a node holds under a name or number. */
function stepInto(
  { document }: Source,
  node: unknown,
  part: PropertyKey,
): { key: unknown; value: unknown } | undefined {
  const resolved = isAliasLike(node) ? node.resolve(document) : node;
  if (isSeq(resolved)) {
    const value = resolved.items[Number(part)];
    return value === undefined ? undefined : { key: value, value };
  }
  if (!isMap(resolved)) return undefined;
  return resolved.items.find(({ key }) => isScalar(key) && key.value === part);
}

function isAliasLike(node: unknown): node is { resolve: (document: YamlDocument) => unknown } {
  return typeof node === "object" && node !== null && "resolve" in node && typeof node.resolve === "function";
}

function offsetOf(node: unknown): number | undefined {
  if (typeof node !== "object" || node === null || !("range" in node)) return undefined;
  return Array.isArray(node.range) ? Number(node.range[0]) : undefined;
}

function placeIn(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function faulty(
  detail: string,
  where: Place & { document: number } = { line: 1, column: 1, document: 1 },
): Documents & {
  kind: "faulty";
} {
  return { kind: "faulty", faults: [{ pointer: "", detail, ...where }] };
}
