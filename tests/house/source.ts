/**
 * The project's source as the house tests see it: every TypeScript file with its imports and names, taken from the syntax
 * tree that Deno's linter makes, so that strings and comments are never mistaken for code. Each of the tests beside this
 * file checks one kind of rule over it; rules about a single line of code are in `lint_plugin.ts`.
 * @module
 */
import { dirname, join, normalize } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { granted } from "../support/granted.ts";

/** One module that a file refers to. */
export interface Import {
  /** A path from the project's root (`lib/plan/plan.ts`), or a package's name as written. */
  target: string;
  /** `type`: gone at run time. `named`: the path stands in a text, as for a Worker. */
  kind: "value" | "type" | "dynamic" | "named";
}

/** A name at its place in a file. */
export interface Name {
  text: string;
  line: number;
}

/** What the tests want to know of a file. */
export interface SourceFile {
  /** From the project's root, with slashes. */
  path: string;
  text: string;
  imports: Import[];
  /** Identifiers, wherever they stand. */
  identifiers: Name[];
  /** What reaches out of the program: `Date.now`, `Deno.open`, `setTimeout()`, `new Date()`. */
  reaches: Name[];
}

const FOLDERS = ["lib", "tests", "scripts", "bench"];
export const ENTRIES: readonly string[] = ["controller.ts", "agent.ts", "payload.ts"];
/** What is bundled for browsers; no module imports it. */
export const PAGES: readonly string[] = ["lib/console/web/main.tsx"];

/** The project's folder, with a slash at the end. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** All TypeScript files, in the order of their paths; none when this run may not read. */
export const sources: readonly SourceFile[] = granted ? readSources() : [];

/** The file's text from the project's root; undefined when there is no such file. */
export function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(join(ROOT, path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function readSources(): SourceFile[] {
  const paths = [...ENTRIES, ...FOLDERS.flatMap(filesBelow)].filter((path) => /\.tsx?$/.test(path));
  return paths.toSorted().flatMap((path) => {
    const text = readText(path);
    return text === undefined ? [] : [parse(path, text)];
  });
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesBelow(path) : [path];
  });
}

/** Reads one file. Exported so that the tests can show what they would catch. */
export function parse(path: string, text: string): SourceFile {
  const file: SourceFile = { path, text, imports: [], identifiers: [], reaches: [] };
  const lineOf = lineFinder(text);
  const refer = (specifier: unknown, kind: Import["kind"]) => {
    if (typeof specifier === "string") file.imports.push({ target: resolve(specifier, path), kind });
  };
  const reach = (name: string, { range }: Deno.lint.Node) => file.reaches.push({ text: name, line: lineOf(range[0]) });
  const visitor: Deno.lint.LintVisitor = {
    ImportDeclaration: ({ source, importKind }) => refer(source.value, importKind),
    ExportNamedDeclaration: ({ source, exportKind }) => refer(source?.value, exportKind),
    ExportAllDeclaration: ({ source, exportKind }) => refer(source.value, exportKind),
    ImportExpression: ({ source }) => refer(source.type === "Literal" ? source.value : undefined, "dynamic"),
    "NewExpression Literal": ({ value }: Deno.lint.StringLiteral) => {
      if (/^\.\.?\/.*\.tsx?$/.test(String(value))) refer(value, "named");
    },
    Identifier: ({ name, range }) => file.identifiers.push({ text: name, line: lineOf(range[0]) }),
    MemberExpression: (node) => {
      if (node.object.type !== "Identifier" || node.property.type !== "Identifier") return;
      reach(`${node.object.name}.${node.property.name}`, node);
    },
    CallExpression: (node) => {
      if (node.callee.type === "Identifier") reach(`${node.callee.name}()`, node);
    },
    NewExpression: (node) => {
      if (node.callee.type === "Identifier" && node.arguments.length === 0) reach(`new ${node.callee.name}()`, node);
    },
  };
  Deno.lint.runPlugin({ name: "house", rules: { read: { create: () => visitor } } }, path, text);
  return file;
}

/** Relative specifiers become paths from the root; packages stay as they are written. */
function resolve(specifier: string, from: string): string {
  return specifier.startsWith(".") ? normalize(join(dirname(from), specifier)) : specifier;
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [...text.matchAll(/^/gm)].map(({ index }) => index);
  return (offset) => {
    const after = starts.findIndex((start) => start > offset);
    return after < 0 ? starts.length : after;
  };
}
