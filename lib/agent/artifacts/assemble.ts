/**
 * Makes an artifact's folder out of its chunks: in a temporary folder beside its place, brought to the disk and then
 * renamed, so that no replica ever finds a part. Chunks are checked as they are read. All replicas of a node share the
 * folder: its files are read-only and have one time, by which `changed_file.ts` knows them again.
 * @module
 */
import { dirname, join } from "node:path";
import type { ArtifactManifest } from "../../wire/artifact.ts";
import type { ChunkFolder } from "../../wire/chunk_folder.ts";
import { syncFolder } from "../../runtime/atomic_file.ts";
import { FILES_FOLDER, MANIFEST_FILE } from "./artifact_folders.ts";
import { removeIfThere } from "../../runtime/remove_if_there.ts";

const FILES_AT_ONCE_MAX = 8;
const FOLDER_MODE = 0o755;
const FILE_MODE = 0o444;
const PROGRAM_MODE = 0o555;

/** `damaged`: a chunk is not what it was, and is missing now. */
export type Assembled = { kind: "assembled" } | { kind: "damaged" } | { kind: "faulty"; detail: string };

export interface Plan {
  manifest: ArtifactManifest;
  /** The manifest as it was sent. */
  text: Uint8Array;
  chunks: Pick<ChunkFolder, "read">;
  /** Where the artifact is to be; nothing is there. */
  place: string;
  /** The time that its files get, in milliseconds of the time of day. */
  madeMs: number;
  signal: AbortSignal;
}

type Outcome = Exclude<Assembled, { kind: "assembled" }> | undefined;

/** Assembles it. What was begun is removed when it can't be. */
export async function assemble({ manifest: { files }, text, chunks, place, madeMs, signal }: Plan): Promise<Assembled> {
  const temporary = `${place}.${crypto.randomUUID()}.tmp`;
  const root = join(temporary, FILES_FOLDER);
  // Whole seconds: no file system keeps less of a time.
  const made = new Date(Math.floor(madeMs / 1_000) * 1_000);
  try {
    const folders = [temporary, root, ...foldersOf(files).map((folder) => join(root, folder))];
    for (const folder of folders) {
      signal.throwIfAborted();
      await makeFolder(folder);
    }
    const waiting = [...files];
    let outcome: Outcome;
    const writeInTurn = async () => {
      for (let file = waiting.shift(); file !== undefined && outcome === undefined; file = waiting.shift()) {
        signal.throwIfAborted();
        const written = await writeFile(join(root, file.path), file, { chunks, made });
        outcome ??= written;
      }
    };
    const writes = await Promise.allSettled(Array.from({ length: FILES_AT_ONCE_MAX }, writeInTurn));
    const failed = writes.find((write) => write.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    if (outcome !== undefined) return outcome;
    await writeBytes(join(temporary, MANIFEST_FILE), [text], { made });
    for (const folder of folders.toReversed()) await syncFolder(folder);
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
  { chunks, made }: Pick<Plan, "chunks"> & { made: Date },
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
  await writeBytes(path, parts(), { made });
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
  { made }: { made: Date },
): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for await (const bytes of parts) {
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  }
  await file.utime(made, made);
  await file.sync();
}

async function makeFolder(path: string): Promise<void> {
  await Deno.mkdir(path);
  if (Deno.build.os !== "windows") await Deno.chmod(path, FOLDER_MODE);
}

/** The folders that lead to the files, each once and after the one that it is in. */
function foldersOf(files: readonly { path: string }[]): string[] {
  const folders = new Set<string>();
  for (const { path } of files) {
    const found: string[] = [];
    for (let end = path.lastIndexOf("/"); end !== -1; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) break;
      found.push(folder);
    }
    for (const folder of found.toReversed()) folders.add(folder);
  }
  return [...folders];
}
