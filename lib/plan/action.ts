/**
 * What a plan wants done, as data with its reason. The shell turns the actions of one plan into one transaction of the
 * store; orders to the agents follow from what was committed, never from an action directly.
 * @module
 */

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
  /** A removed service has no replica left. */
  | { kind: "drop_service"; service: string; reason: string };

/** Something that ought to be done and cannot be now. */
export interface Wait {
  service: string;
  slot: number;
  reason: string;
}

export interface Plan {
  actions: Action[];
  waits: Wait[];
  /** When time alone may change the decision, in monotonic milliseconds. */
  wakeMs: number | undefined;
}
