/**
 * What a plan wants done, as data with its reason. The shell turns the actions of one plan into one transaction of the
 * store; orders to the agents follow from what was committed, never from an action directly.
 * @module
 */

import type { BalanceFound } from "../cluster/balance.ts";

export type Action =
  /** A new replica of a slot on a node. */
  | {
    kind: "start";
    service: string;
    slot: number;
    generation: number;
    node: string;
    successorOf: string | null;
    crashesBefore: number;
    reason: string;
  }
  /** A replica is withdrawn and then stopped. */
  | { kind: "stop"; replica: string; reason: string }
  /** A replica's assignment ends: it has stopped, or its node is gone. */
  | { kind: "forget"; replica: string; reason: string }
  /** A node's loss or return is recorded, with how often it was lost lately. */
  | { kind: "mark"; node: string; lost: boolean; losses: number; reason: string }
  /** The deadline of a drain is over: what is left on the node is stopped. */
  | { kind: "end_drain"; node: string; reason: string }
  /** What is tried of a new generation has proved itself, and all the others follow. */
  | { kind: "promote"; service: string; reason: string }
  /** A rollout has come to its end, good or bad; `replica` is the one that it failed by. */
  | { kind: "finish_rollout"; service: string; phase: "done" | "failed"; replica: string | null; reason: string }
  /** A rollout has failed, and the last good generation is brought back. */
  | { kind: "roll_back"; service: string; to: number; replica: string | null; reason: string }
  /** A removed service has no replica left. */
  | { kind: "drop_service"; service: string; reason: string };

/** Something that ought to be done and cannot be now. */
export interface Wait {
  service: string;
  slot: number;
  reason: string;
  /** blocked: somebody may have to do something. step: it is a step of what is under way, and its turn will come. */
  kind: "blocked" | "step";
}

export interface Plan {
  actions: Action[];
  waits: Wait[];
  /** When time alone may change the decision, in monotonic milliseconds. */
  wakeMs: number | undefined;
  /** Where the balance was looked at and nothing is to be moved now. */
  balance?: BalanceFound;
}
