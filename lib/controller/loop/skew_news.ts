/**
 * That a node's agent is of another version than this controller, told once for each version that it is heard with.
 * @module
 */
import type { Happening } from "../../cluster/event.ts";
import type { NodeState } from "../../cluster/node.ts";
import { skewOf } from "../../cluster/version_skew.ts";
import { VERSION } from "../../runtime/version.ts";

/** What to tell once a node was heard; `before` is the version that it was heard with until then. */
export function skewNews({ record, version }: NodeState, before: string | undefined): Happening[] {
  const skew = skewOf(version, VERSION);
  if (version === before || skew === null) return [];
  const text = `node ${record.name} runs version ${version}, which is ${skew} than this controller's ${VERSION}`;
  return [{ kind: "node_skew", severity: "info", text, node: record.id }];
}
