/**
 * Which artifacts services run, or could go back to.
 * @module
 */
import type { ServiceRecord } from "../../cluster/service_record.ts";
import type { ClusterState } from "../../cluster/state.ts";

/** The services that name each artifact, in their present generation or in one that is kept. */
export function namedArtifacts({ services }: Pick<ClusterState, "services">): Map<string, string[]> {
  const named = new Map<string, string[]>();
  for (const { record } of services.values()) {
    for (const sha256 of artifactsOf(record)) {
      const names = named.get(sha256);
      if (names === undefined) named.set(sha256, [record.name]);
      else names.push(record.name);
    }
  }
  return named;
}

/** Those of one service. */
export function artifactsOf({ spec, history }: ServiceRecord): Set<string> {
  const specs = [spec, ...history.map((former) => former.spec)];
  return new Set(specs.flatMap(({ artifact }) => (artifact === undefined ? [] : [artifact.sha256])));
}
