/**
 * A file as a source of specs, or a folder: then all *.yaml, *.yml and *.json directly in it, in the order of their
 * names. Its version is a digest of the content, since times and sizes of files stay the same through a quick edit. Who
 * writes a file does so in steps, and the first half of a spec may be a spec too: what is new is read once it has stood
 * for as long as it takes until the next look.
 * @module
 */
import { join } from "node:path";
import type { Clock } from "../../runtime/clock.ts";
import { digestOf, readBoundedText } from "./bounded_text.ts";
import { SOURCE_BYTES_MAX, type SourceReading, type SpecSource, type SpecText } from "./source.ts";

export const FILE_EVERY_MS = 2_000;
const FILES_MAX = 1_000;

/** Hidden files are an editor's own: locks and copies. */
const SPEC_FILE = /^[^.].*\.(yaml|yml|json)$/i;

type Text = Extract<SourceReading, { kind: "text" }>;

/** What a look finds; `changedMs` is the time of day at which a file was written last. */
type Found = Exclude<SourceReading, Text> | Text & { changedMs: number };

/** Specs at a path, where there need not be anything yet. */
export function fileSource(path: string, { clock }: { clock: Pick<Clock, "wall"> }): SpecSource {
  let before: string | undefined;
  return {
    name: path,
    everyMs: FILE_EVERY_MS,
    read: async ({ seen }) => {
      const found = await readAll(path);
      if (found.kind !== "text") return found;
      const { changedMs, ...reading } = found;
      // By the content as well: another host's clock may be ahead of this one's.
      const stands = clock.wall() - changedMs >= FILE_EVERY_MS || reading.version === before;
      before = reading.version;
      return stands && reading.version !== seen ? reading : { kind: "unchanged" };
    },
  };
}

async function readAll(path: string): Promise<Found> {
  const root = await unlessFailed(() => Deno.stat(path));
  if (root instanceof Deno.errors.NotFound) return { kind: "missing" };
  if (root instanceof Error) return { kind: "failed", reason: root.message };
  if (!root.isDirectory) return await readFiles([path]);
  const paths = await unlessFailed(() => specFilesIn(path));
  if (paths instanceof Error) return { kind: "failed", reason: paths.message };
  if (paths.length > FILES_MAX) {
    return { kind: "failed", reason: `it has ${paths.length} files with specs, more than ${FILES_MAX}` };
  }
  const found = await readFiles(paths);
  // That one was taken away is a change, too.
  return found.kind === "text" ? { ...found, changedMs: Math.max(found.changedMs, writtenMs(root)) } : found;
}

/** Whatever a disk can answer, down to EIO, has no class of its own. */
async function unlessFailed<T>(work: () => Promise<T>): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error;
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

async function readFiles(paths: readonly string[]): Promise<Found> {
  const texts: SpecText[] = [];
  let bytesLeft = SOURCE_BYTES_MAX;
  let changedMs = 0;
  for (const path of paths) {
    const read = await unlessFailed(() => readFile(path, bytesLeft));
    if (read instanceof Error) return { kind: "failed", reason: `${path}: ${read.message}` };
    if (read.kind === "failed") return paths.length === 1 ? read : { ...read, reason: `${path}: ${read.reason}` };
    bytesLeft -= read.bytes;
    changedMs = Math.max(changedMs, read.changedMs);
    texts.push({ name: path, text: read.text });
  }
  return { kind: "text", texts, version: await digestOf(texts), changedMs };
}

async function readFile(path: string, bytesMax: number) {
  const info = await Deno.stat(path);
  // Opening a pipe would wait for somebody to write into it.
  if (!info.isFile) return { kind: "failed" as const, reason: "it is neither a file nor a folder with files" };
  const file = await Deno.open(path);
  return { ...await readBoundedText(file.readable, { bytesMax }), changedMs: writtenMs(info) };
}

function writtenMs({ mtime }: Deno.FileInfo): number {
  return mtime?.getTime() ?? 0;
}
