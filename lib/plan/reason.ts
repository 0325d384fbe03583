/**
 * Words for reasons that several decisions give.
 * @module
 */
import type { Observation } from "../cluster/replica.ts";

/** How the last process of a replica ended. */
export function exitWords(observed: Observation | undefined): string {
  const exit = observed?.exit ?? null;
  if (exit === null) return observed?.reason || "it could not be started";
  if (exit.signal !== null) return `ended by ${exit.signal}`;
  return exit.code === null ? "its exit code is not known" : `exit code ${exit.code}`;
}
