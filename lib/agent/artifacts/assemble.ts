/**
 * Makes an artifact's folder out of its chunks: in a temporary folder beside its place, brought to the disk and then
 * renamed, so that no replica ever finds a part. Chunks are checked as they are read.
 * @module
 */
import { dirname, join } from "node:path";
import type { ArtifactManifest } from "../../wire/artifact.ts";
import type { ChunkFolder } from "../../wire/chunk_folder.ts";
import { FILES_FOLDER, MANIFEST_FILE } from "./artifact_folders.ts";

const FILES_AT_ONCE_MAX = 8;
const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;
const PROGRAM_MODE = 0o755;

/** `damaged`: a chunk is not what it was, and is missing now. */
export type Assembled = { kind: "assembled" } | { kind: "damaged" } | { kind: "faulty"; detail: string };

export interface Plan {
  manifest: ArtifactManifest;
  /** The manifest as it was sent. */
  text: Uint8Array;
  chunks: Pick<ChunkFolder, "read">;
  /** Where the artifact is to be; nothing is there. */
  place: string;
  signal: AbortSignal;
}

type Outcome = Exclude<Assembled, { kind: "assembled" }> | undefined;

/** Assembles it. What was begun is removed when it can't be. */
export async function assemble({ manifest: { files }, text, chunks, place, signal }: Plan): Promise<Assembled> {
  const temporary = `${place}.${crypto.randomUUID()}.tmp`;
  const root = join(temporary, FILES_FOLDER);
  try {
    const folders = new Set([
      temporary,
      root,
      ...files.flatMap(({ path }) => foldersOf(path).map((f) => join(root, f))),
    ]);
    for (const folder of folders) await makeFolder(folder);
    const waiting = [...files];
    let outcome: Outcome;
    const writeInTurn = async () => {
      for (let file = waiting.shift(); file !== undefined && outcome === undefined; file = waiting.shift()) {
        signal.throwIfAborted();
        const written = await writeFile(join(root, file.path), file, chunks);
        outcome ??= written;
      }
    };
    const writes = await Promise.allSettled(Array.from({ length: FILES_AT_ONCE_MAX }, writeInTurn));
    const failed = writes.find((write) => write.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    if (outcome !== undefined) return outcome;
    await writeBytes(join(temporary, MANIFEST_FILE), [text]);
    for (const folder of [...folders].toReversed()) await syncFolder(folder);
    await Deno.rename(temporary, place);
    await syncFolder(dirname(place));
    return { kind: "assembled" };
  } finally {
    await removeIfThere(temporary);
  }
}

async function writeFile(
  path: string,
  { size, executable, chunks: digests, path: name }: ArtifactManifest["files"][number],
  chunks: Pick<ChunkFolder, "read">,
): Promise<Outcome> {
  let written = 0;
  let damaged = false;
  const parts = async function* () {
    for (const digest of digests) {
      const bytes = await chunks.read(digest);
      if (bytes === undefined) {
        damaged = true;
        return;
      }
      written += bytes.length;
      yield bytes;
    }
  };
  await writeBytes(path, parts());
  if (damaged) return { kind: "damaged" };
  if (written !== size) {
    return { kind: "faulty", detail: `"${name}" is said to have ${size} bytes, and its chunks have ${written}` };
  }
  // Whatever this agent's own mask takes away: a replica may run as another user.
  if (Deno.build.os !== "windows") await Deno.chmod(path, executable ? PROGRAM_MODE : FILE_MODE);
  return undefined;
}

async function writeBytes(
  path: string,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for await (const bytes of parts) {
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  }
  await file.sync();
}

async function makeFolder(path: string): Promise<void> {
  await Deno.mkdir(path);
  if (Deno.build.os !== "windows") await Deno.chmod(path, FOLDER_MODE);
}

/** Windows can't open folders, and needs no such step. */
async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using folder = await Deno.open(path, { read: true });
  await folder.sync();
}

/** The folders that lead to a file, the outermost first. */
function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

/** Removes a folder with all that is in it. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
