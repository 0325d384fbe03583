/**
 * A folder that services run: a list of its files, each cut into chunks that are called by their digests. What the
 * cluster has already, of an older version or of another folder, is never sent again.
 * @module
 */
import * as z from "zod";
import { Digest } from "../cluster/artifact_ref.ts";

/** No chunk is larger. */
export const CHUNK_BYTES_MAX = 1_048_576;
export const CHUNKS_ASKED_MAX = 10_000;
export const FILES_MAX = 50_000;
/** Of the manifest's own text. */
export const MANIFEST_BYTES_MAX = 16_777_216;
/** Of all files together. */
export const ARTIFACT_BYTES_MAX = 4_294_967_296;
const PATH_MAX = 1_024;

/** A path below the folder, with slashes, that leads nowhere else on any system. */
export const ArtifactPath = z.string().max(PATH_MAX).refine(
  (path) => path !== "" && path.split("/").every(isPlainName),
  { error: "a path within the folder, such as bin/start.sh, without . and .. and what no file system takes" },
);

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

/** What keeps the list from being a folder on every system, in words. */
export function faultOfManifest({ files }: ArtifactManifest): string | undefined {
  const spellings = new Map<string, string>();
  let bytes = 0;
  let before = "";
  for (const { path, size, chunks } of files) {
    if (path <= before) return `the files are to be sorted by path, each once: "${path}" comes after "${before}"`;
    before = path;
    const clash = clashOf(path, spellings);
    if (clash !== undefined) return clash;
    if (size > chunks.length * CHUNK_BYTES_MAX || size < chunks.length) {
      return `"${path}" can't have ${size} bytes in ${chunks.length} chunks of 1 to ${CHUNK_BYTES_MAX} bytes`;
    }
    bytes += size;
  }
  return bytes > ARTIFACT_BYTES_MAX
    ? `the files have ${bytes} bytes, and may have at most ${ARTIFACT_BYTES_MAX} together`
    : undefined;
}

/** Notes a file and its folders by how a system that doesn't mind cases would call them. */
function clashOf(path: string, spellings: Map<string, string>): string | undefined {
  const parts = path.split("/");
  for (let depth = 1; depth <= parts.length; depth++) {
    // A folder ends with a slash, so that a file of its name is another spelling.
    const name = parts.slice(0, depth).join("/") + (depth < parts.length ? "/" : "");
    const folded = name.replace(/\/$/, "").normalize("NFC").toLowerCase();
    const other = spellings.get(folded);
    if (other === undefined) spellings.set(folded, name);
    else if (other !== name) return `"${other}" and "${name}" are the same on some systems: rename one of them`;
  }
  return undefined;
}

function isPlainName(name: string): boolean {
  // deno-lint-ignore no-control-regex
  return name !== "" && name !== "." && name !== ".." && !/[\x00-\x1f\x7f\\:*?"<>|]|[. ]$/.test(name);
}
