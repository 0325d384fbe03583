/**
 * `POST /v1/rebalance`: what moves so that all nodes have their share, or what would.
 * @module
 */
import * as z from "zod";

export const Rebalance = z.object({
  /** In the order in which they are to be made; the first hundred. */
  moves: z.array(z.object({
    replica: z.string(),
    service: z.string(),
    slot: z.int(),
    /** Nodes, by name. */
    from: z.string(),
    to: z.string(),
    /** In replicas, or in a node's share of load. */
    gain: z.number(),
    reason: z.string(),
  })),
});
export type Rebalance = z.infer<typeof Rebalance>;
