/**
 * Small artifacts for tests: texts as files, each one chunk.
 * @module
 */
import type { ArtifactManifest } from "../../lib/wire/artifact.ts";
import { digestOf } from "../../lib/wire/digest.ts";

export interface ArtifactParts {
  sha256: string;
  manifest: ArtifactManifest;
  /** The manifest as it is sent. */
  text: Uint8Array<ArrayBuffer>;
  chunks: Map<string, Uint8Array<ArrayBuffer>>;
}

/** The artifact of these files; a path that ends with `*` may be executed. */
export function artifactOf(files: Readonly<Record<string, string>>): ArtifactParts {
  const chunks = new Map<string, Uint8Array<ArrayBuffer>>();
  const listed = Object.entries(files).map(([path, text]) => {
    const bytes = new TextEncoder().encode(text);
    const digests = bytes.length === 0 ? [] : [digestOf(bytes)];
    for (const digest of digests) chunks.set(digest, bytes);
    return { path: path.replace("*", ""), size: bytes.length, executable: path.endsWith("*"), chunks: digests };
  });
  const manifest = { files: listed.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
  const text = new TextEncoder().encode(JSON.stringify(manifest));
  return { sha256: digestOf(text), manifest, text, chunks };
}
