/**
 * A file as a source of specs, or a folder: then all *.yaml, *.yml and *.json directly in it, in the order of their
 * names. Its version is a digest of the content, since times and sizes of files stay the same through a quick edit.
 * @module
 */
import { join } from "node:path";
import type { Clock } from "../../runtime/clock.ts";
import { digestOf, readBoundedText } from "./bounded_text.ts";
import { SOURCE_BYTES_MAX, type SourceReading, type SpecSource, type SpecText } from "./source.ts";

export const FILE_EVERY_MS = 2_000;
/** Who writes a file does so in steps, and the first half of a spec may be a spec too. */
const SETTLE_MS = 200;
const FILES_MAX = 1_000;

/** Hidden files are an editor's own: locks and copies. */
const SPEC_FILE = /^[^.].*\.(yaml|yml|json)$/i;

/** Specs at a path, where there need not be anything yet. */
export function fileSource(path: string, { clock }: { clock: Pick<Clock, "sleep"> }): SpecSource {
  return {
    name: path,
    everyMs: FILE_EVERY_MS,
    read: async ({ seen, signal }) => {
      const first = await readAll(path);
      if (first.kind !== "text") return first;
      if (first.version === seen) return { kind: "unchanged" };
      await clock.sleep(SETTLE_MS, { signal });
      const second = await readAll(path);
      return second.kind === "text" && second.version !== first.version ? { kind: "unchanged" } : second;
    },
  };
}

async function readAll(path: string): Promise<SourceReading> {
  try {
    const { isDirectory } = await Deno.stat(path);
    const paths = isDirectory ? await specFilesIn(path) : [path];
    if (paths.length > FILES_MAX) {
      return { kind: "failed", reason: `it has ${paths.length} files with specs, more than ${FILES_MAX}` };
    }
    return await readFiles(paths);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
    // Whatever else a disk can answer, down to EIO, has no class of its own.
    if (!(error instanceof Error)) throw error;
    return { kind: "failed", reason: error.message };
  }
}

async function specFilesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory && SPEC_FILE.test(name)) names.push(name);
  }
  // Not by the host's locale: the same folder means the same everywhere.
  return names.sort((a, b) => a < b ? -1 : 1).map((name) => join(folder, name));
}

async function readFiles(paths: readonly string[]): Promise<SourceReading> {
  const texts: SpecText[] = [];
  let bytesLeft = SOURCE_BYTES_MAX;
  for (const path of paths) {
    // Opening a pipe would wait for somebody to write into it.
    if (!(await Deno.stat(path)).isFile) return { kind: "failed", reason: `${path} is neither a file nor a folder` };
    const file = await Deno.open(path);
    const read = await readBoundedText(file.readable, { bytesMax: bytesLeft });
    if (read.kind === "failed") return paths.length === 1 ? read : { ...read, reason: `${path}: ${read.reason}` };
    bytesLeft -= read.bytes;
    texts.push({ name: path, text: read.text });
  }
  return { kind: "text", texts, version: await digestOf(texts) };
}
