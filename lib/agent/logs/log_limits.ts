/**
 * What is to be kept of a replica's logs, by the newest orders.
 * @module
 */
import type { LogLimits } from "../../cluster/log_limits.ts";
import type { Memory } from "../session/effect.ts";

/** Looks replicas up in what is remembered, which is another object whenever it has changed. */
export function logLimitsIn(remembered: () => Memory): (replica: string) => LogLimits | undefined {
  let memory: Memory | undefined;
  let limits = new Map<string, LogLimits>();
  return (replica) => {
    if (memory !== remembered()) {
      memory = remembered();
      limits = new Map(memory.replicas.map(({ assignment, spec }) => [assignment.id, spec.logs]));
    }
    return limits.get(replica);
  };
}
