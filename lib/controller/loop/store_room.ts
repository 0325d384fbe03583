/**
 * Whether the store has room for what the loop decides. While it has none nothing is done, as nothing is ordered that
 * wasn't committed: that is told once when it begins and once when it is over, and explained meanwhile.
 * @module
 */
import type { Happening } from "../../cluster/event.ts";
import type { CommitOutcome } from "./effect.ts";

export const STORE_FULL = "nothing that is decided can be kept, and so nothing is done: there is no space left for " +
  "the controller's store; make room on its disk";

export class StoreRoom {
  #isFull = false;

  get isFull(): boolean {
    return this.#isFull;
  }

  /** What to tell when a commit has ended so, or when there was nothing to commit. */
  heard(ended: CommitOutcome["kind"] | "nothing"): Happening[] {
    // That others were faster, or too much waits to be written, says nothing about the room.
    if (ended === "conflict" || ended === "busy") return [];
    const wasFull = this.#isFull;
    this.#isFull = ended === "full";
    if (this.#isFull === wasFull) return [];
    return this.#isFull
      ? [{ kind: "store_full", severity: "warn", text: STORE_FULL }]
      : [{ kind: "store_has_room", severity: "info", text: "what is decided is kept and done again" }];
  }
}
