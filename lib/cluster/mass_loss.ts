/**
 * When most nodes vanish at once, it is more likely that the controller is cut off than that they all died: moving
 * their replicas would then do harm. This keeps which nodes turned away lately and says when moving has to wait.
 * @module
 */
import type { Happening } from "./event.ts";

/** Turns within this time belong together. */
export const MASS_LOSS_WINDOW_MS = 30_000;

export interface MassLoss {
  /** Moving is on hold. */
  active: boolean;
  /** The nodes that are suspect or lost without a goodbye, and since when; of before a hold none while it lasts. */
  turned: Map<string, number>;
  /** Nodes that went together return one after the other: until then the rest is given the time to do so as well. */
  returningUntilMs: number;
}

/** Notes that a node that was ready is so no more. Returns whether moving has just been put on hold. */
export function nodeTurned(massLoss: MassLoss, turn: { node: string; atMs: number; readyLeft: number }): boolean {
  if (!massLoss.turned.has(turn.node)) massLoss.turned.set(turn.node, turn.atMs);
  if (massLoss.active) return false;
  const together = [...massLoss.turned.values()].filter((since) => turn.atMs - since <= MASS_LOSS_WINDOW_MS).length;
  // One node alone is no mass, even where it is the only one.
  massLoss.active = together > 1 && together * 2 > turn.readyLeft + together;
  // Who went long before may never return: the hold is about those that went now.
  if (massLoss.active) forgetBefore(massLoss, turn.atMs - MASS_LOSS_WINDOW_MS);
  return massLoss.active;
}

function forgetBefore({ turned }: MassLoss, earliestMs: number): void {
  for (const [node, since] of turned) if (since < earliestMs) turned.delete(node);
}

/** Notes that a node is back, said goodbye, or was removed. Returns whether moving has just been resumed. */
export function nodeAccountedFor(massLoss: MassLoss, node: string, readyNow: number): boolean {
  massLoss.turned.delete(node);
  if (!massLoss.active) return false;
  massLoss.active = massLoss.turned.size * 2 > readyNow + massLoss.turned.size;
  return !massLoss.active;
}

/** What is told when moving is put on hold. */
export function movingIsHeld(massLoss: MassLoss, readyLeft: number): Happening {
  const turned = massLoss.turned.size;
  const text = `${turned} of ${turned + readyLeft} nodes went away together: replicas stay where they are until ` +
    `the nodes return or are removed, because the controller itself may be cut off`;
  return { kind: "mass_loss", severity: "warn", text };
}

/** What is told when it goes on. */
export function movingGoesOn(readyNow: number): Happening {
  const text = `${readyNow} nodes are ready: replicas of lost nodes are moved again`;
  return { kind: "mass_loss_over", severity: "info", text };
}
