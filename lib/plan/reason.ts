/**
 * Words for reasons that several decisions give.
 * @module
 */
import type { NodeState } from "../cluster/node.ts";
import type { Observation } from "../cluster/replica.ts";

/** Why a slot that keeps data goes nowhere else, and what to do about it. */
export function boundTo({ record }: NodeState): string {
  return `its data is on node ${record.name}: it waits for that node, and begins elsewhere with an empty folder once ` +
    `the node is removed (DELETE /v1/nodes/${record.name})`;
}

/** How the last process of a replica ended. */
export function exitWords(observed: Observation | undefined): string {
  const exit = observed?.exit ?? null;
  if (exit === null) return observed?.reason || "it could not be started";
  if (exit.signal !== null) return `ended by ${exit.signal}`;
  return exit.code === null ? "its exit code is not known" : `exit code ${exit.code}`;
}
