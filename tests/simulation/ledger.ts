/**
 * What a virtual store holds: the records at the newest revision, and the commits since the last compaction. What is in
 * here survives whatever happens to controllers.
 * @module
 */
import {
  type Change,
  type Commit,
  keyOf,
  keyOfChange,
  type Snapshot,
  type StoredRecord,
} from "../../lib/cluster/record.ts";

export class Ledger {
  readonly cluster: string;
  readonly records = new Map<string, StoredRecord>();
  revision = 0;
  /** There is no space left. */
  isFull = false;
  readonly #entered: (commit: Commit) => void;
  #log: Commit[] = [];
  #compactedTo = 0;

  constructor(cluster: string, entered: (commit: Commit) => void) {
    this.cluster = cluster;
    this.#entered = entered;
  }

  enter(changes: readonly Change[]): Commit {
    this.revision += 1;
    for (const change of changes) {
      if (change.op === "delete") this.records.delete(keyOfChange(change));
      else this.records.set(keyOf(change.record), { record: change.record, revision: this.revision });
    }
    const commit = structuredClone({ revision: this.revision, changes: [...changes] });
    this.#log.push(commit);
    this.#entered(commit);
    return commit;
  }

  snapshot(epoch: number): Snapshot {
    const { cluster, revision, records } = this;
    return structuredClone({ cluster, epoch, revision, records: [...records.values()] });
  }

  /** The commits after a revision; undefined where some of them are kept no more. */
  since(revision: number): Commit[] | undefined {
    if (revision < this.#compactedTo) return undefined;
    return this.#log.filter((commit) => commit.revision > revision);
  }

  /** Forgets all commits but the last few. */
  compact(keep: number): void {
    const dropped = this.#log.splice(0, Math.max(0, this.#log.length - keep));
    this.#compactedTo = dropped.at(-1)?.revision ?? this.#compactedTo;
  }
}
