/**
 * Where a cluster's artifacts are kept: a port, so that several controllers can share one. What it was given is on the
 * disk when it says so, is whole when it is read, and stays for as long as a service could run it.
 * @module
 */

/** An artifact that is here with all its chunks. */
export interface KeptArtifact {
  sha256: string;
  files: number;
  bytes: number;
  /** In milliseconds of the time of day. */
  createdMs: number;
}

/** `full`: there is no room, and nothing was kept. */
export type ChunkGiven = "new" | "known" | "full";

export type ManifestGiven =
  | { kind: "new" | "known"; artifact: KeptArtifact }
  /** Chunks that have to be given first. */
  | { kind: "missing"; chunks: string[] }
  /** It contradicts what it is made of, in words. */
  | { kind: "faulty"; detail: string }
  | { kind: "full" };

/** A manifest that was parsed, and the text that its digest is of. */
export interface GivenManifest {
  text: Uint8Array;
  files: readonly { path: string; size: number; chunks: readonly string[] }[];
  /** The token by which it is given, where that is for some services only. */
  giver?: string | undefined;
}

export interface ArtifactStore {
  /** Which of the chunks are missing. Those that aren't stay for the time that an upload may take. */
  missing(chunks: readonly string[]): string[];
  /** Keeps a chunk whose digest was compared. */
  putChunk(digest: string, bytes: Uint8Array): Promise<ChunkGiven>;
  /** Undefined where it is missing, or was damaged: then it is missing from now on. */
  readChunk(digest: string): Promise<Uint8Array | undefined>;
  putManifest(sha256: string, manifest: GivenManifest): Promise<ManifestGiven>;
  readManifest(sha256: string): Promise<Uint8Array | undefined>;
  /** Whether the artifact is here with all its chunks. If so it stays for the time that a deployment may take. */
  renew(sha256: string): boolean;
  list(): KeptArtifact[];
  /** Whether the artifact was given by that token. */
  isGivenBy(sha256: string, giver: string): boolean;
  /** Removes what is not among these and was not given lately, and then chunks of which nothing is made. */
  sweep(named: ReadonlySet<string>): Promise<{ artifacts: number; chunks: number }>;
}
