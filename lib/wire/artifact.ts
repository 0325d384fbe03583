/**
 * A folder that services run: a list of its files, each cut into chunks that are called by their digests. What the
 * cluster has already, of an older version or of another folder, is never sent again.
 * @module
 */
import * as z from "zod";
import { Digest } from "../cluster/artifact_ref.ts";
import { ArtifactPath } from "./artifact_path.ts";

/** No chunk is larger. */
export const CHUNK_BYTES_MAX = 1_048_576;
export const CHUNKS_ASKED_MAX = 10_000;
export const FILES_MAX = 50_000;
/** Of the manifest's own text. */
export const MANIFEST_BYTES_MAX = 16_777_216;
/** Of all files together. */
export const ARTIFACT_BYTES_MAX = 4_294_967_296;
/** That the files lie in, at whatever depth. */
const FOLDERS_MAX = 50_000;

const GRACE_MS = 60_000;
/** A line that is slower is none. */
const BYTES_PER_SECOND_MIN = 8_192;

const File = z.strictObject({
  path: ArtifactPath,
  size: z.int().min(0),
  /** It may be executed. */
  executable: z.boolean(),
  /** In their order. */
  chunks: z.array(Digest),
});

/** The list; sorted by path. The digest of its text is the artifact's name. */
export const ArtifactManifest = z.strictObject({ files: z.array(File).min(1).max(FILES_MAX) });
export type ArtifactManifest = z.infer<typeof ArtifactManifest>;

/** `POST /v1/chunks/missing` */
export const ChunksAsked = z.strictObject({ chunks: z.array(Digest).max(CHUNKS_ASKED_MAX) });
export const ChunksMissing = z.object({ missing: z.array(z.string()) });

/** An artifact that the cluster has. */
export const ArtifactView = z.object({
  sha256: z.string(),
  files: z.int(),
  bytes: z.int(),
  created_at: z.string(),
  /** The services that run it, or could go back to it. */
  services: z.array(z.string()),
});
export type ArtifactView = z.infer<typeof ArtifactView>;

/** A folder on the way to the file that is looked at. */
interface OpenFolder {
  name: string;
  /** What is in it, by how a system that doesn't mind cases would call that. A folder's name ends with a slash. */
  spellings: Map<string, string>;
}

/**
 * What keeps the list from being a folder on every system, in words. As the list is sorted, what lies in one folder comes
 * together: each part of each path is looked at at most once, and what was left behind is forgotten.
 */
export function faultOfManifest({ files }: ArtifactManifest): string | undefined {
  const open: OpenFolder[] = [{ name: "", spellings: new Map() }];
  let folders = 0;
  let bytes = 0;
  let before = "";
  for (const { path, size, chunks } of files) {
    if (path <= before) return `the files are to be sorted by path, each once: "${path}" comes after "${before}"`;
    before = path;
    const entered = enter(path, open);
    if (entered.clash !== undefined) return entered.clash;
    folders += entered.folders;
    if (folders > FOLDERS_MAX) return `the files may lie in at most ${FOLDERS_MAX} folders`;
    if (size > chunks.length * CHUNK_BYTES_MAX || size < chunks.length) {
      return `"${path}" can't have ${size} bytes in ${chunks.length} chunks of 1 to ${CHUNK_BYTES_MAX} bytes`;
    }
    bytes += size;
  }
  return bytes > ARTIFACT_BYTES_MAX
    ? `the files have ${bytes} bytes, and may have at most ${ARTIFACT_BYTES_MAX} together`
    : undefined;
}

/** Goes from the last file's folder to that of the next; gives how many folders were new on the way. */
function enter(path: string, open: OpenFolder[]): { folders: number; clash?: string } {
  const parts = path.split("/");
  let shared = 0;
  while (shared < parts.length - 1 && open[shared + 1]?.name === parts[shared]) shared++;
  open.length = shared + 1;
  for (const [at, name] of parts.entries()) {
    if (at < shared) continue;
    const isFolder = at < parts.length - 1;
    const spelling = isFolder ? `${name}/` : name;
    const folded = name.normalize("NFC").toLowerCase();
    const spellings = open[at]?.spellings;
    const other = spellings?.get(folded);
    if (other !== undefined) {
      const above = parts.slice(0, at).map((folder) => `${folder}/`).join("");
      const clash = `"${above}${other}" and "${above}${spelling}" are the same on some systems: rename one of them`;
      return { folders: 0, clash };
    }
    spellings?.set(folded, spelling);
    if (isFolder) open.push({ name, spellings: new Map() });
  }
  return { folders: parts.length - 1 - shared };
}

/** How long so many bytes may be on their way before whoever sends them counts as gone. */
export function patienceMs(bytes: number): number {
  return GRACE_MS + Math.ceil(bytes / BYTES_PER_SECOND_MIN) * 1_000;
}
