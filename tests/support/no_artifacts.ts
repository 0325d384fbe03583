/**
 * A place for artifacts that has none and takes none, for tests that aren't about them.
 * @module
 */
import type { ArtifactStore } from "../../lib/controller/artifacts/artifact_store.ts";

export const NO_ARTIFACTS: ArtifactStore = {
  missing: (chunks) => [...chunks],
  putChunk: () => Promise.resolve("full"),
  readChunk: () => Promise.resolve(undefined),
  putManifest: () => Promise.resolve({ kind: "full" }),
  readManifest: () => Promise.resolve(undefined),
  renew: () => false,
  list: () => [],
  isGivenBy: () => false,
  sweep: () => Promise.resolve({ artifacts: 0, chunks: 0 }),
};
