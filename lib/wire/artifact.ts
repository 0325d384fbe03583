/**
 * A folder that services run: a list of its files, each cut into chunks that are called by their digests. What the
 * cluster has already, of an older version or of another folder, is never sent again.
 * @module
 */
import * as z from "zod";

/** No chunk is larger. */
export const CHUNK_BYTES_MAX = 1_048_576;
export const CHUNKS_ASKED_MAX = 10_000;
export const FILES_MAX = 50_000;
/** Of the manifest's own text. */
export const MANIFEST_BYTES_MAX = 16_777_216;
const PATH_MAX = 1_024;

const DIGEST_RULE = "a SHA-256 in 64 hexadecimal digits";
export const Digest = z.string({ error: DIGEST_RULE }).regex(/^[0-9a-f]{64}$/, { error: DIGEST_RULE });

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

function isPlainName(name: string): boolean {
  // deno-lint-ignore no-control-regex
  return name !== "" && name !== "." && name !== ".." && !/[\x00-\x1f\x7f\\:*?"<>|]|[. ]$/.test(name);
}
