/**
 * That what a spec runs was uploaded. Asked before specs are declared, by the API and by the files that are kept applied:
 * a service whose artifact is nowhere would wait for it for ever.
 * @module
 */
import type { ArtifactStore } from "./artifact_store.ts";

/** A spec, as far as it names an artifact. */
export interface WithArtifact {
  readonly name: string;
  readonly artifact?: { readonly sha256: string } | undefined;
}

/**
 * Which service's artifact the cluster lacks, in words. Those of the services before it stay meanwhile. One that isn't
 * theirs who send the specs might as well not be there.
 */
export function lackingArtifact(
  artifacts: Pick<ArtifactStore, "renew">,
  specs: readonly WithArtifact[],
  { isTheirs = () => true }: { isTheirs?: (sha256: string) => boolean } = {},
): string | undefined {
  const lacking = specs.find(({ artifact }) =>
    artifact !== undefined && !(isTheirs(artifact.sha256) && artifacts.renew(artifact.sha256))
  );
  if (lacking === undefined) return undefined;
  return `"artifact": the cluster has no artifact ${lacking.artifact?.sha256} for ${lacking.name}: ` +
    "upload it first: controller deploy <dir>";
}
