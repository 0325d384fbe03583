/**
 * The store in one SQLite file, which is where a single controller keeps its state. Appends wait here while the worker
 * is busy with the disk, and then go to it as one group. What the worker has answered is durable; then the watchers are
 * told, and then those who appended. The first failure is the last: nothing is acknowledged after it.
 * @module
 */
import {
  type Change,
  keyOf,
  keyOfChange,
  type Snapshot,
  type StoredRecord,
  StoreRecord,
} from "../../cluster/record.ts";
import type { Random } from "../../runtime/random.ts";
import { checkedChanges } from "./checked.ts";
import { closed, damaged, StoreBusyError, StoreFailedError } from "./failure.ts";
import type { Batch, RawRecord } from "./sqlite_ledger.ts";
import { type SqliteThread, startSqliteThread } from "./sqlite_thread.ts";
import type { SqliteAnswers, SqliteRequest } from "./sqlite_worker.ts";
import { StoreReplacedError } from "./replacement.ts";
import type { Appended, AppendOptions, Leadership, Replaced, Store } from "./store.ts";
import { type CommitListener, Watchers } from "./watchers.ts";

/** The module that the store's worker runs, where it is a file of its own. */
const WORKER = new URL("./sqlite_worker.ts", import.meta.url);
/** Appends that share one transaction at most. */
const GROUP_MAX = 1_000;
/** Appends that may wait. */
const QUEUE_MAX = 10_000;

export interface SqliteStoreOptions {
  path: string;
  /** The module for the worker: in a compiled or bundled program, the program's own entry. */
  worker?: string | URL;
  /** Draws the id of the cluster when the file is made. */
  random: Random;
}

/**
 * Opens the file, or makes it. Rejects with a `StoreDamagedError`, `StoreNewerError`, `StoreLockedError` or
 * `StoreFailedError`.
 */
export async function openSqliteStore({ path, worker = WORKER, random }: SqliteStoreOptions): Promise<Store> {
  const thread = await startSqliteThread(worker);
  try {
    await thread.call({ kind: "open", path, cluster: random.uuid() });
  } catch (error) {
    thread.end(error as Error);
    throw error;
  }
  return new SqliteStore(thread, { path });
}

/** An append that is not yet answered. */
interface Pending {
  changes: Change[];
  batch: Batch;
  resolve(outcome: Appended): void;
  reject(error: unknown): void;
}

class SqliteStore implements Store {
  readonly #thread: SqliteThread;
  readonly #path: string;
  readonly #watchers = new Watchers();
  #queue: Pending[] = [];
  /** Runs while there is something to write. */
  #writing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** Aborted with the content that was led by. */
  #content = new AbortController();

  constructor(thread: SqliteThread, { path }: { path: string }) {
    this.#thread = thread;
    this.#path = path;
  }

  async load(): Promise<Snapshot> {
    const { rows, ...meta } = await this.#ask({ kind: "load" });
    return { ...meta, records: rows.map((row) => parsedRecord(row, this.#path)) };
  }

  // Asynchronous, so that what can't be kept rejects.
  async append(changes: readonly Change[], { expectedRevision }: AppendOptions = {}): Promise<Appended> {
    if (this.#closing !== undefined) throw closed();
    this.#thread.ended.throwIfAborted();
    if (this.#queue.length >= QUEUE_MAX) {
      throw new StoreBusyError(`Cannot append to the store: ${QUEUE_MAX} appends are waiting; try again later`);
    }
    const checked = checkedChanges(changes);
    const { promise, resolve, reject } = Promise.withResolvers<Appended>();
    this.#queue.push({ changes: checked, batch: batchOf(checked, expectedRevision), resolve, reject });
    this.#writing ??= this.#write();
    return await promise;
  }

  watch(listener: CommitListener): Disposable {
    return this.#watchers.add(listener);
  }

  async lead(): Promise<Leadership> {
    const { signal } = this.#content;
    return { epoch: await this.#ask({ kind: "lead" }), lost: AbortSignal.any([this.#thread.ended, signal]) };
  }

  async replace({ records, ...meta }: Snapshot): Promise<Replaced> {
    if (this.#closing !== undefined) throw closed();
    const rows = records.map(rawRecord);
    const outcome = await this.#ask({ kind: "replace", snapshot: { ...meta, rows } });
    if (outcome.kind === "replaced") {
      this.#content.abort(new StoreReplacedError());
      this.#content = new AbortController();
    }
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #write(): Promise<void> {
    // What else is appended in this turn shares the first group.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, GROUP_MAX);
      let outcomes: Appended[];
      try {
        outcomes = await this.#ask({ kind: "commit", group: group.map(({ batch }) => batch) });
      } catch (error) {
        for (const { reject } of [...group, ...this.#queue.splice(0)]) reject(error);
        break;
      }
      this.#settle(group, outcomes);
    }
    this.#writing = undefined;
  }

  #settle(group: readonly Pending[], outcomes: readonly Appended[]): void {
    for (const [index, { changes, resolve }] of group.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined) throw new Error("Cannot settle an append: the worker gave no outcome for it");
      if (outcome.kind === "committed") this.#watchers.tell({ revision: outcome.revision, changes });
      resolve(outcome);
    }
  }

  /** Asks the worker; that it can't do what it is asked ends the store. */
  async #ask<Request extends SqliteRequest>(request: Request): Promise<SqliteAnswers[Request["kind"]]> {
    try {
      return await this.#thread.call(request);
    } catch (cause) {
      this.#thread.ended.throwIfAborted();
      const state = `${(cause as Error).message}; check the disk and start the controller again`;
      const error = new StoreFailedError(`Cannot ${request.kind} the store ${this.#path}: ${state}`, { cause });
      this.#thread.end(error);
      throw error;
    }
  }

  async #close(): Promise<void> {
    await this.#writing;
    if (this.#thread.ended.aborted) return;
    await this.#ask({ kind: "close" });
    this.#thread.end(closed());
  }
}

function batchOf(changes: readonly Change[], expectedRevision: number | undefined): Batch {
  return {
    expectedRevision,
    changes: changes.map((change) => ({
      key: keyOfChange(change),
      value: change.op === "put" ? JSON.stringify(change.record) : null,
    })),
  };
}

function rawRecord({ record, revision }: StoredRecord): RawRecord {
  return { key: keyOf(record), value: JSON.stringify(StoreRecord.parse(record)), revision };
}

function parsedRecord({ key, value, revision }: RawRecord, path: string): StoredRecord {
  try {
    const record = StoreRecord.parse(JSON.parse(value));
    if (keyOf(record) !== key) throw new Error(`it says that it is ${keyOf(record)}`);
    return { record, revision };
  } catch (cause) {
    throw damaged(path, `holds a record ${key} that can't be read`, { cause });
  }
}
