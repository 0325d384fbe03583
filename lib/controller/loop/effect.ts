/**
 * What the controller's loop takes in and what it wants done. The loop decides and touches nothing; the shell performs
 * the effects over the network and the store, the simulator over virtual ones, and both give back what came of it.
 * @module
 */
import type { PlacingRule } from "../../cluster/balance.ts";
import type { Endpoint } from "../../cluster/endpoint.ts";
import type { Happening } from "../../cluster/event.ts";
import type { Change, Commit, Snapshot } from "../../cluster/record.ts";
import type { Ack, AgentHealth, FeedLine, Orders, OrdersReply } from "../../wire/protocol.ts";
import type { Appended } from "../store/store.ts";

export type LoopInput =
  | { kind: "loaded"; snapshot: Snapshot; epoch: number }
  | { kind: "committed"; commit: Commit }
  /** How the loop's own commit ended. */
  | { kind: "commit_ended"; outcome: CommitOutcome }
  | { kind: "probe_answered"; node: string; probe: number; health: AgentHealth }
  | { kind: "probe_failed"; node: string; probe: number; reason: string }
  | { kind: "line"; node: string; stream: number; line: FeedLine }
  | { kind: "stream_ended"; node: string; stream: number; reason: string }
  | { kind: "orders_answered"; node: string; send: number; reply: OrdersReply }
  | { kind: "orders_failed"; node: string; send: number; reason: string }
  /** The operator wants what runs spread over all nodes anew. */
  | { kind: "rebalance_asked" }
  /** Time has passed; to be given several times per health interval. */
  | { kind: "tick" };

/** How a commit of the loop ended. Busy: too much waits to be written; nothing was changed, and it is tried again. */
export type CommitOutcome = Appended | { kind: "busy" };

export type LoopEffect =
  | { kind: "commit"; changes: Change[]; expectedRevision: number }
  | { kind: "probe"; node: string; url: string; probe: number; deadlineMs: number; ack?: Ack }
  | { kind: "open_stream"; node: string; url: string; stream: number; after: number }
  | { kind: "close_stream"; node: string; stream: number }
  | { kind: "send_orders"; node: string; url: string; send: number; orders: Orders; deadlineMs: number }
  | { kind: "happened"; happening: Happening }
  | { kind: "endpoints"; service: string; endpoints: Endpoint[] };

/** How the loop keeps in touch with agents. */
export interface LoopSettings {
  healthIntervalMs: number;
  lostAfterMs: number;
  /** How nodes are filled; the usual rule unless said. */
  placing?: PlacingRule;
}
