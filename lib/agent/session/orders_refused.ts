/**
 * Whether orders are for this agent and newer than those that it follows.
 * @module
 */
import type { Orders, OrdersReply } from "../../wire/protocol.ts";
import type { Memory } from "./effect.ts";

/** The answer to orders that are not to be followed. */
export function refusalOf(
  orders: Orders,
  { identity, memory: { cluster, epoch, revision } }: { identity: string; memory: Memory },
): OrdersReply | undefined {
  if (cluster !== null && cluster !== orders.cluster) {
    return { kind: "foreign", bound: cluster, asked: orders.cluster };
  }
  if (orders.identity !== undefined && orders.identity !== identity) {
    return { kind: "misdirected", meant: orders.identity, met: identity };
  }
  const isOlder = orders.epoch < epoch || (orders.epoch === epoch && orders.revision < revision);
  return isOlder ? { kind: "stale", epoch, revision } : undefined;
}
