/**
 * What is told of an agent that refuses its orders.
 * @module
 */
import type { Happening } from "../../cluster/event.ts";
import type { NodeRecord } from "../../cluster/node.ts";
import type { OrdersReply } from "../../wire/protocol.ts";

export function refusalOf(node: NodeRecord | undefined, reply: Exclude<OrdersReply, { kind: "accepted" }>): Happening {
  const about = node === undefined ? {} : { node: node.id };
  const name = node?.name ?? "a node";
  if (reply.kind === "foreign") {
    const text = `node ${name} belongs to cluster ${reply.bound}, not to ${reply.asked}: ` +
      `nothing was changed there; to take it over, start its agent once with --forget-cluster`;
    return { kind: "orders_refused", severity: "warn", text, ...about };
  }
  if (reply.kind === "misdirected") {
    const text =
      `at the address of node ${name} another node's agent answers (${reply.met}): nothing was changed there`;
    return { kind: "orders_refused", severity: "warn", text, ...about };
  }
  const text = `node ${name} follows newer orders (epoch ${reply.epoch}, revision ${reply.revision})`;
  return { kind: "orders_refused", severity: "warn", text, ...about };
}
