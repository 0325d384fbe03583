/**
 * The store without a disk, for tests and the simulator. `MemoryLedger` is its synchronous heart, which the simulator
 * drives by itself; `openMemoryStore` puts the port's face on it.
 * @module
 */
import {
  type Change,
  type Commit,
  keyOf,
  keyOfChange,
  type Snapshot,
  type StoredRecord,
  StoreRecord,
} from "../../cluster/record.ts";
import { checkedChanges } from "./checked.ts";
import { closed } from "./failure.ts";
import { headBeyond, StoreReplacedError } from "./replacement.ts";
import type { AppendOptions, Replaced, Store } from "./store.ts";
import { Watchers } from "./watchers.ts";

export interface MemoryStoreOptions {
  /** The id of the cluster. */
  cluster: string;
  /** The epoch of the last leader; 0 unless said otherwise. */
  epoch?: number;
}

/** Opens an empty store that is gone with the process. */
export function openMemoryStore(options: MemoryStoreOptions): Store {
  const ledger = new MemoryLedger(options);
  const watchers = new Watchers();
  const end = new AbortController();
  let content = new AbortController();
  const whileOpen = <T>(act: () => T | Promise<T>): Promise<T> =>
    Promise.try(() => {
      end.signal.throwIfAborted();
      return act();
    });
  return {
    load: () => whileOpen(() => ledger.snapshot()),
    append: (changes, appendOptions) =>
      whileOpen(async () => {
        const entry = ledger.append(changes, appendOptions);
        if (entry.kind === "conflict") return entry;
        // No watcher hears of a commit within the call that makes it, as with a disk.
        await Promise.resolve();
        watchers.tell(entry.commit);
        return { kind: "committed", revision: entry.commit.revision };
      }),
    watch: (listener) => watchers.add(listener),
    lead: () => whileOpen(() => ({ epoch: ledger.raiseEpoch(), lost: AbortSignal.any([end.signal, content.signal]) })),
    replace: (snapshot) =>
      whileOpen(() => {
        const replaced = ledger.replace(snapshot);
        content.abort(new StoreReplacedError());
        content = new AbortController();
        return replaced;
      }),
    [Symbol.asyncDispose]: () => Promise.try(() => end.abort(closed())),
  };
}

/** How an entry into the ledger ended. */
export type Entry = { kind: "committed"; commit: Commit } | { kind: "conflict"; revision: number };

export class MemoryLedger {
  #cluster: string;
  #records = new Map<string, StoredRecord>();
  #epoch: number;
  #revision = 0;

  constructor({ cluster, epoch = 0 }: MemoryStoreOptions) {
    this.#cluster = cluster;
    this.#epoch = epoch;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Enters all changes under the next revision, or none. */
  append(changes: readonly Change[], { expectedRevision }: AppendOptions = {}): Entry {
    const checked = checkedChanges(changes);
    if (expectedRevision !== undefined && expectedRevision !== this.#revision) {
      return { kind: "conflict", revision: this.#revision };
    }
    const revision = ++this.#revision;
    for (const change of checked) {
      if (change.op === "put") this.#records.set(keyOfChange(change), { record: change.record, revision });
      else this.#records.delete(change.key);
    }
    return { kind: "committed", commit: { revision, changes: checked } };
  }

  /** Everything kept, by key. */
  snapshot(): Snapshot {
    const records = [...this.#records].sort(([a], [b]) => a < b ? -1 : 1).map(([, stored]) => ({ ...stored }));
    return { cluster: this.#cluster, epoch: this.#epoch, revision: this.#revision, records };
  }

  /** Takes another content in the place of its own. */
  replace({ cluster, records, ...given }: Snapshot): Replaced {
    const checked = records.map(({ record, revision }) => ({ record: StoreRecord.parse(record), revision }));
    const head = headBeyond({ epoch: this.#epoch, revision: this.#revision }, given);
    this.#cluster = cluster;
    this.#records = new Map(checked.map((stored) => [keyOf(stored.record), stored]));
    this.#epoch = head.epoch;
    this.#revision = head.revision;
    return { kind: "replaced", ...head };
  }

  /** A new leader's epoch. */
  raiseEpoch(): number {
    return ++this.#epoch;
  }
}
