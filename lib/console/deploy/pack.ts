/**
 * A folder made into an artifact: its files in order, each cut into chunks, the list of them and its digest. Nothing is
 * kept of the bytes but where they are, so that a folder may be larger than the memory; `upload.ts` reads what the
 * cluster lacks once more.
 * @module
 */
import { join, resolve } from "node:path";
import { type ArtifactManifest, CHUNK_BYTES_MAX, faultOfManifest, MANIFEST_BYTES_MAX } from "../../wire/artifact.ts";
import { digestOf } from "../../wire/digest.ts";
import { firstChunkSize } from "./chunker.ts";
import { parseIgnore } from "./ignore.ts";
import { filesIn, type FoundFile } from "./walk.ts";

const IGNORE_FILE = ".musterignore";
/** What says how a folder is deployed; no part of what runs, so that another scale makes no new processes. */
export const SPEC_FILES = ["muster.yaml", "muster.yml"] as const;

/** A file as the list has it. */
export type PackedFile = ArtifactManifest["files"][number];

/** Where the bytes of a chunk are. */
export interface ChunkPlace {
  /** The file, by its absolute path. */
  path: string;
  offset: number;
  size: number;
}

export interface Packed {
  kind: "packed";
  /** The folder, absolute. */
  folder: string;
  /** The artifact's name, as a spec has it in `artifact.sha256`. */
  sha256: string;
  /** The list, as it is sent. */
  manifest: string;
  files: readonly PackedFile[];
  /** The file that says how the folder is deployed, if there is one. */
  specFile: string | undefined;
  bytes: number;
  /** By digest, each once. */
  chunks: ReadonlyMap<string, ChunkPlace>;
}

export type PackResult = Packed | { kind: "refused"; reason: string };

/** Packs the folder; what can't be packed is a reason for people. */
export async function packFolder(folder: string, { signal }: { signal: AbortSignal }): Promise<PackResult> {
  const named = resolve(folder);
  const refused = (why: string): PackResult => ({ kind: "refused", reason: `Cannot pack ${folder}: ${why}` });
  try {
    const root = await Deno.realPath(named);
    if (!(await Deno.stat(root)).isDirectory) return refused("it is no folder; name the one that is to run");
    const ignores = parseIgnore(await textOf(join(root, IGNORE_FILE)));
    const found = await filesIn(root, { ignores, signal });
    if (found.kind === "refused") return refused(found.reason);
    const specFile = SPEC_FILES.find((name) => found.files.some(({ path }) => path === name));
    const chosen = found.files.filter(({ path }) => path !== IGNORE_FILE && path !== specFile);
    if (chosen.length === 0) return refused("there is no file in it that could run");
    const { files, chunks } = await cut(root, chosen, signal);
    const fault = faultOfManifest({ files });
    if (fault !== undefined) return refused(fault);
    const manifest = JSON.stringify({ files });
    const text = new TextEncoder().encode(manifest);
    if (text.length > MANIFEST_BYTES_MAX) return refused("the list of its files is too long: leave some out");
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    return { kind: "packed", folder: named, sha256: digestOf(text), manifest, files, specFile, bytes, chunks };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return refused("it, or a file in it, is not there");
    if (error instanceof Deno.errors.PermissionDenied) return refused(`it may not be read: ${error.message}`);
    throw error;
  }
}

async function cut(
  root: string,
  found: readonly FoundFile[],
  signal: AbortSignal,
): Promise<{ files: PackedFile[]; chunks: Map<string, ChunkPlace> }> {
  const files: PackedFile[] = [];
  const chunks = new Map<string, ChunkPlace>();
  const buffer = new Uint8Array(CHUNK_BYTES_MAX);
  for (const { path, executable } of found) {
    signal.throwIfAborted();
    const at = join(root, path);
    const digests: string[] = [];
    let size = 0;
    for await (const chunk of chunksIn(at, buffer)) {
      const digest = digestOf(chunk);
      digests.push(digest);
      if (!chunks.has(digest)) chunks.set(digest, { path: at, offset: size, size: chunk.length });
      size += chunk.length;
    }
    // What it was when it was found counts no more: it is as it was read.
    files.push({ path, size, executable, chunks: digests });
  }
  return { files, chunks };
}

/** The chunks of a file, one at a time: each is a view on the buffer that holds until the next is asked for. */
async function* chunksIn(path: string, buffer: Uint8Array): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  let filled = 0;
  for (let ended = false; !ended || filled > 0;) {
    while (!ended && filled < buffer.length) {
      const count = await file.read(buffer.subarray(filled));
      if (count === null) ended = true;
      else filled += count;
    }
    if (filled === 0) return;
    const size = firstChunkSize(buffer.subarray(0, filled));
    yield buffer.subarray(0, size);
    buffer.copyWithin(0, size, filled);
    filled -= size;
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return "";
  }
}
