/**
 * Which artifacts a host need not keep: those that no replica runs, but for the last few, to which a rollback may lead.
 * Pure.
 * @module
 */
import type { ArtifactFolder } from "./artifact_folders.ts";

const KEPT_MAX = 3;
const KEPT_BYTES_MAX = 2_147_483_648;

/** Those that may go. */
export function dispensable(here: ReadonlyMap<string, ArtifactFolder>, named: ReadonlySet<string>): string[] {
  const idle = [...here].filter(([sha256]) => !named.has(sha256)).toSorted(([, a], [, b]) => b.usedMs - a.usedMs);
  let bytes = 0;
  return idle.filter(([, artifact], at) => {
    bytes += artifact.bytes;
    return at >= KEPT_MAX || bytes > KEPT_BYTES_MAX;
  }).map(([sha256]) => sha256);
}
