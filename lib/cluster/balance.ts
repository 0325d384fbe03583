/**
 * Which nodes may be due a share of what runs elsewhere: those that were added, came back or take replicas again. This
 * keeps when to look again, so that a decision costs nothing while there is nothing to even out.
 * @module
 */

/** How nodes are filled, and when what runs is spread anew. */
export interface PlacingRule {
  /** How many times its capacity a node may have reserved. */
  overcommit: { cpu: number; memory: number };
  /** What was where it is for so long may be moved for balance; undefined: nothing ever is. */
  rebalanceAfterMs: number | undefined;
}

export const PLACING_USUAL: PlacingRule = { overcommit: { cpu: 1, memory: 1 }, rebalanceAfterMs: undefined };

export interface Balance {
  /** The nodes that may have less than their share. */
  underfilled: Set<string>;
  /** Before then nothing can be moved to them. */
  dueMs: number;
  /** Services up to this one, by name, were looked at already; undefined: none. */
  after: string | undefined;
  /** When something of those may be moved that can't be yet. */
  againMs: number;
  /** The operator wants it now, however long replicas were where they are. */
  asked: boolean;
}

/** What a look at the balance found: nothing to gain, or when to look again and from which service on. */
export type BalanceFound = { kind: "even" } | {
  kind: "later";
  dueMs: number;
  after: string | undefined;
  againMs: number;
};

export function evenBalance(): Balance {
  return { underfilled: new Set(), dueMs: 0, after: undefined, againMs: Infinity, asked: false };
}

/** A node may be due its share from now on. */
export function nodeMayTakeMore(balance: Balance, node: string): void {
  balance.underfilled.add(node);
  balance.dueMs = 0;
  balance.after = undefined;
  balance.againMs = Infinity;
}

/** The operator asks for an even spread over all nodes. */
export function balanceAsked(balance: Balance, nodes: Iterable<string>): void {
  for (const node of nodes) nodeMayTakeMore(balance, node);
  balance.asked = true;
}

/** Takes in what a look found. */
export function balanceWeighed(balance: Balance, found: BalanceFound): void {
  if (found.kind === "even") return balanceReached(balance);
  balance.dueMs = found.dueMs;
  balance.after = found.after;
  balance.againMs = found.againMs;
}

/** Nothing is left to gain, or what was tried has failed: until nodes change again there is nothing to even out. */
export function balanceReached(balance: Balance): void {
  balance.underfilled.clear();
  balance.after = undefined;
  balance.againMs = Infinity;
  balance.asked = false;
}
