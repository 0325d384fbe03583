/**
 * The specs that a command is given with `-f`: of files, of all files below folders, of standard input. They are checked
 * here as the controller will check them, so that every slip is told with its file, line and column; sent is what stands
 * there, and not what it means to this version.
 * @module
 */
import { join } from "node:path";
import { list } from "../../../runtime/flag.ts";
import { type DocumentFault, readDocuments, TEXT_BYTES_MAX } from "../../../wire/documents.ts";
import { parseSpecs } from "../../../wire/specs.ts";
import { UsageError } from "../exit_code.ts";

export const SPEC_FLAGS = {
  file: list({
    short: "f",
    help: "Specs: a file, a folder with all below it, or - for standard input",
    placeholder: "<path>",
  }),
};

const FILES_MAX = 1_000;
const FOLDERS_DEEP_MAX = 32;
const FAULTS_SAID_MAX = 20;

/** Hidden files are an editor's own: locks and copies. */
const SPEC_FILE = /^[^.].*\.(yaml|yml|json)$/i;
/** What is said of a path that can't be read; anything else is a bug. */
const EXPECTED = [
  Deno.errors.NotFound,
  Deno.errors.PermissionDenied,
  Deno.errors.NotADirectory,
  Deno.errors.FilesystemLoop,
];

export interface GivenSpecs {
  /** In the order given. */
  names: string[];
  /** One document for all, to be sent. */
  body: string;
}

interface Text {
  path: string;
  text: string;
}

/** All specs below the paths. */
export async function readSpecs(
  paths: readonly string[],
  { readInput }: { readInput: () => Promise<string> },
): Promise<GivenSpecs> {
  if (paths.length === 0) throw new UsageError("Cannot tell what to apply: say where the specs are with -f <path>");
  const texts: Text[] = [];
  for (const path of paths) {
    if (path === "-") texts.push({ path: "standard input", text: await readInput() });
    else for (const file of await filesAt(path)) texts.push({ path: file, text: await readBounded(file) });
  }
  return checked(texts);
}

function checked(texts: readonly Text[]): GivenSpecs {
  const values: unknown[] = [];
  const pathOf = new Map<string, string>();
  const faults: string[] = [];
  for (const { path, text } of texts) {
    const parsed = parseSpecs(text);
    if (parsed.kind === "faulty") {
      faults.push(...parsed.faults.map((fault) => inWords(path, fault)));
      continue;
    }
    for (const { name } of parsed.value) {
      const other = pathOf.get(name);
      if (other !== undefined) faults.push(`${path}: service ${name} is also in ${other}: leave one of them out`);
      pathOf.set(name, path);
    }
    const read = readDocuments(text);
    if (read.kind === "ok") values.push(...read.documents.map(({ value }) => value));
  }
  if (faults.length > 0) {
    const more = faults.length > FAULTS_SAID_MAX ? [`and ${faults.length - FAULTS_SAID_MAX} more`] : [];
    throw new UsageError(["Cannot use the specs:", ...faults.slice(0, FAULTS_SAID_MAX), ...more].join("\n  "));
  }
  return { names: [...pathOf.keys()], body: JSON.stringify(values) };
}

/** As compilers do it, so that an editor can jump there. */
export function inWords(path: string, { line, column, detail }: DocumentFault): string {
  return `${path}:${line}:${column}: ${detail}`;
}

async function filesAt(path: string): Promise<string[]> {
  const { isDirectory } = await orRefused(path, () => Deno.stat(path));
  if (!isDirectory) return [path];
  const files = await orRefused(path, () => specsBelow(path, 0));
  if (files.length === 0) throw new UsageError(`Cannot find specs in ${path}: it has no *.yaml, *.yml or *.json`);
  if (files.length > FILES_MAX) {
    throw new UsageError(`Cannot read the specs in ${path}: more than ${FILES_MAX} files; name the folder they are in`);
  }
  return files;
}

/** Links are not followed: they may lead out of the folder, or back into it. */
async function specsBelow(folder: string, depth: number): Promise<string[]> {
  if (depth > FOLDERS_DEEP_MAX) return [];
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const files: string[] = [];
  // Not by the host's locale: the same folder means the same everywhere.
  for (const { name, isFile, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = join(folder, name);
    if (isFile && SPEC_FILE.test(name)) files.push(path);
    if (isDirectory && !name.startsWith(".") && files.length <= FILES_MAX) {
      files.push(...await specsBelow(path, depth + 1));
    }
  }
  return files;
}

/** The text of a file, or of a pipe that passes for one. */
async function readBounded(path: string): Promise<string> {
  using file = await orRefused(path, () => Deno.open(path));
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const buffer = new Uint8Array(TEXT_BYTES_MAX + 1);
  let length = 0;
  for (let read: number | null = 0; read !== null && length < buffer.length; length += read ?? 0) {
    read = await file.read(buffer.subarray(length));
  }
  if (length > TEXT_BYTES_MAX) throw new UsageError(`Cannot read ${path}: it has more than ${TEXT_BYTES_MAX} bytes`);
  try {
    return decoder.decode(buffer.subarray(0, length));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`Cannot read ${path}: it is no text in UTF-8`, { cause: error });
  }
}

async function orRefused<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!EXPECTED.some((expected) => error instanceof expected)) throw error;
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}
