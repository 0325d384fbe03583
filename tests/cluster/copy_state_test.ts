import { assert, assertEquals } from "@std/assert";
import { copyState } from "../../lib/cluster/copy_state.ts";
import { service } from "../support/builders.ts";
import { LittleCluster } from "../support/little_cluster.ts";

/** What is only ever replaced, and so may be shared. */
const SHARED = new Set(["record", "observed", "resources", "lossRule", "placing"]);

/** The places at which both hold the very same thing, although it is written to. */
function sharedBetween(a: unknown, b: unknown, path: string): string[] {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return [];
  if (a === b) return [path];
  if (a instanceof Map && b instanceof Map) {
    return [...a].flatMap(([key, value]) => sharedBetween(value, b.get(key), `${path}.${key}`));
  }
  return Object.entries(a).filter(([key]) => !SHARED.has(key)).flatMap(([key, value]) =>
    sharedBetween(value, (b as Record<string, unknown>)[key], `${path}.${key}`)
  );
}

Deno.test("copyState() copies all that is written to, and is equal", () => {
  const cluster = LittleCluster.of(3, service("web", 5), service("db", 2, { data: { per_slot: true } }));
  cluster.settle();
  cluster.put({ ...service("web", 4), generation: 2 });
  const copy = copyState(cluster.state);
  assertEquals(copy, cluster.state);
  assertEquals(sharedBetween(cluster.state, copy, "state"), []);
  for (const node of copy.nodesByName) assert(copy.nodes.get(node.record.id) === node);
});
