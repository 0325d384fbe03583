/**
 * A virtual store on the disk of the one controller that there is: it leads as soon as it runs.
 * @module
 */
import type { Change, Commit, Snapshot } from "../../lib/cluster/record.ts";
import type { Appended } from "../../lib/controller/store/store.ts";
import { intBetween, type Random } from "../../lib/runtime/random.ts";
import type { Ledger } from "./ledger.ts";
import type { Timeline } from "./timeline.ts";

/** What one life of a controller is told by its store. Nothing of it is heard once that life has ended. */
export interface Life {
  led: (snapshot: Snapshot, epoch: number) => void;
  committed: (commit: Commit) => void;
  /** Nothing may be decided any more. */
  failed: (why: string) => void;
  /** The process's own timer: it stands still while that is frozen. */
  sleep: (delayMs: number, run: () => void) => void;
}

/** How an operator's write ended. */
export type Written = "acknowledged" | "refused" | "unknown";

export interface Write {
  changes: readonly Change[];
  expectedRevision: number | undefined;
}

/** A controller's way to a store. */
export interface Home {
  /** Waits for leadership. */
  begin: (life: Life) => void;
  /** The present life has ended. */
  end: () => void;
  append: (write: Write, answered: (outcome: Appended) => void) => void;
  /** An operator's write, through this controller. */
  write: (write: Write) => Written;
  /** Whether what it writes would be written now. */
  isWell: () => boolean;
  /** Whether it still leads, by its own clock: who was frozen asks before it says anything to anybody. */
  mayAct: () => boolean;
}

export function localHome(ledger: Ledger, { timeline, random }: { timeline: Timeline; random: Random }): Home {
  let epoch = 0;
  let present: Life | undefined;
  const tell = (life: Life | undefined, { commit }: Entry) => {
    if (commit !== undefined && present === life) life?.committed(commit);
  };
  return {
    begin: (life) => {
      present = life;
      epoch += 1;
      life.led(ledger.snapshot(epoch), epoch);
    },
    end: () => {
      present = undefined;
    },
    append: (write, answered) => {
      const life = present;
      timeline.after(intBetween(random, { min: 1, max: 8 }), () => {
        // Killed before the disk had it, or after: nobody can tell, and both must be right.
        if (present !== life && random.next() < 0.5) return;
        const entry = enter(ledger, write);
        tell(life, entry);
        answered(entry.outcome);
      });
    },
    write: (write) => {
      const entry = enter(ledger, write);
      tell(present, entry);
      return entry.commit === undefined ? "refused" : "acknowledged";
    },
    isWell: () => present !== undefined && !ledger.isFull,
    mayAct: () => true,
  };
}

export interface Entry {
  outcome: Appended;
  commit?: Commit;
}

/** What every store does with a write. */
export function enter(ledger: Ledger, { changes, expectedRevision }: Write): Entry {
  if (ledger.isFull) return { outcome: { kind: "full" } };
  if (expectedRevision !== undefined && expectedRevision !== ledger.revision) {
    return { outcome: { kind: "conflict", revision: ledger.revision } };
  }
  const commit = ledger.enter(changes);
  return { outcome: { kind: "committed", revision: commit.revision }, commit };
}
