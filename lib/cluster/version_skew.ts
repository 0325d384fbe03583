/**
 * Whether the version of an agent is that of its controller, by semantic versioning.
 * @module
 */

export type Skew = "older" | "newer";

/** How a node's version stands to the controller's; null where they are the same, or one can't be read. */
export function skewOf(version: string | undefined, own: string): Skew | null {
  const [node, controller] = [partsOf(version ?? ""), partsOf(own)];
  if (node === undefined || controller === undefined) return null;
  for (let at = 0; at < 3; at++) {
    const difference = node.numbers[at]! - controller.numbers[at]!;
    if (difference !== 0) return difference < 0 ? "older" : "newer";
  }
  if (node.early === controller.early) return null;
  // What comes before a release is older than the release.
  if (node.early === "" || controller.early === "") return node.early === "" ? "newer" : "older";
  return node.early < controller.early ? "older" : "newer";
}

function partsOf(version: string): { numbers: number[]; early: string } | undefined {
  const [, major, minor, patch, early = ""] = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/.exec(version) ??
    [];
  if (major === undefined) return undefined;
  return { numbers: [major, minor, patch].map(Number), early };
}
