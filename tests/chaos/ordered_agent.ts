/**
 * An agent as a process that a test orders about by itself, without a controller: what the rows about a single host need.
 * @module
 */
import type { Observation } from "../../lib/cluster/replica.ts";
import type { Orders } from "../../lib/wire/protocol.ts";
import { type LocalProgram, type StartOptions, startProgram } from "../../scripts/local_program.ts";
import { type Answer, putOrders, untilObserved } from "../agent/agent_process.ts";

export { CLUSTER, orderOf, pidsWith } from "../agent/agent_process.ts";

export interface OrderedAgent extends LocalProgram {
  put: (orders: Partial<Orders>) => Promise<Answer>;
  /** Waits until the replica is observed as wanted. */
  observed: (replica: string, wanted: (observation: Observation) => boolean) => Promise<Observation>;
}

/** Starts an agent; with the data folder of an earlier one it is that one's successor. */
export async function startOrderedAgent(options: StartOptions = {}): Promise<OrderedAgent> {
  const program = await startProgram("agent", options);
  return {
    ...program,
    put: (orders) => putOrders(program.url, orders),
    observed: (replica, wanted) => untilObserved(program.url, { replica, wanted }),
  };
}

export function isReady({ ready }: Observation): boolean {
  return ready;
}
