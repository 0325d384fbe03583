/**
 * What it means for a store to get another content, as from a backup. Agents hold that an order with a larger epoch is
 * newer, and a replica with a larger fence; both may have grown since the backup was made, in a store that is gone. So
 * both jump, by more than a controller that is started again each second gets through in a day.
 * @module
 */
import type { Snapshot } from "../../cluster/record.ts";

const EPOCHS_SKIPPED = 100_000;
/** The revision is the fence of what is placed with it. */
const REVISIONS_SKIPPED = 1_000_000_000;

type Head = Pick<Snapshot, "epoch" | "revision">;

/** Whoever led the store by its former content can't go on with what it knows. */
export class StoreReplacedError extends Error {
  override name = "StoreReplacedError";

  constructor() {
    super("The store has another content now: it was restored from a backup");
  }
}

/** Beyond what was there, and beyond all that may have been there since the other content was saved. */
export function headBeyond(present: Head, given: Head): Head {
  return {
    epoch: Math.max(present.epoch, given.epoch) + EPOCHS_SKIPPED,
    revision: Math.max(present.revision, given.revision) + REVISIONS_SKIPPED,
  };
}
