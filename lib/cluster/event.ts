/**
 * What the core takes in and what it notices. An `Event` is a fact from the store or from an agent; a `Happening` is
 * what `apply` says about it in words, for the event history and the log. Neither carries a time: `apply` is given it.
 * @module
 */
import type { BalanceFound } from "./balance.ts";
import type { Commit, Snapshot } from "./record.ts";
import type { Observation } from "./replica.ts";

export type Event =
  /** The store's content after a start of the controller. */
  | { kind: "loaded"; snapshot: Snapshot }
  | { kind: "committed"; commit: Commit }
  /** A probe was answered. */
  | { kind: "heard"; node: string; version: string; leaving: boolean }
  /** A probe got no answer within its interval. */
  | { kind: "missed"; node: string }
  /** The observation stream ended without a goodbye. */
  | { kind: "cut"; node: string }
  /** All that runs on a node. */
  | { kind: "snapshot"; node: string; replicas: Observation[] }
  | { kind: "observed"; node: string; observation: Observation }
  | { kind: "gone"; node: string; replica: string }
  | { kind: "leaving"; node: string }
  | { kind: "goodbye"; node: string; replicas: "drained" | "left" }
  /** The controller itself stood still: whatever was missed meanwhile is nobody's fault. */
  | { kind: "paused" }
  /** The operator wants what runs spread over all nodes anew. */
  | { kind: "rebalance_asked" }
  /** What a plan found out about the balance. */
  | { kind: "balance_weighed"; found: BalanceFound };

export type Severity = "info" | "warn";

/** Something worth telling people. `service`, `node` and `replica` say what it is about. */
export interface Happening {
  kind: string;
  severity: Severity;
  text: string;
  service?: string;
  node?: string;
  replica?: string;
}
