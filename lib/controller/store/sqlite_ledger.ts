/**
 * The store's transactions on an open file, in the worker. All appends that came while the disk was busy are one group:
 * one transaction and one wait for the disk, yet each has its own revision and its own outcome.
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { headBeyond } from "./replacement.ts";
import type { Appended, Replaced } from "./store.ts";
import { resultCodeOf, SQLITE_FULL } from "./sqlite_file.ts";

/** One append as plain data; `value` is the record's JSON, or null where it goes. */
export interface Batch {
  expectedRevision: number | undefined;
  changes: { key: string; value: string | null }[];
}

/** What the file holds, before the records are parsed. */
export interface RawSnapshot {
  cluster: string;
  epoch: number;
  revision: number;
  rows: RawRecord[];
}

export interface RawRecord {
  key: string;
  value: string;
  revision: number;
}

export class SqliteLedger {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #setRevision: StatementSync;
  // Prepared, as an error of `exec` does not carry SQLite's result code.
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  /** The newest revision that is committed. */
  #revision: number;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#put = database.prepare(
      "INSERT INTO records VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, " +
        "revision = excluded.revision",
    );
    this.#delete = database.prepare("DELETE FROM records WHERE key = ?");
    this.#setRevision = database.prepare("UPDATE meta SET revision = ?");
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#end = database.prepare("COMMIT");
    this.#revision = this.#meta().revision;
  }

  load(): RawSnapshot {
    const rows = this.#database.prepare("SELECT key, value, revision FROM records ORDER BY key").all();
    return { ...this.#meta(), rows: rows as unknown as RawRecord[] };
  }

  /** Raises the epoch, durably. */
  lead(): number {
    this.#database.exec("UPDATE meta SET epoch = epoch + 1");
    return this.#meta().epoch;
  }

  /** Commits the group. Throws when the disk failed: what is on it is then unknown until the file is opened anew. */
  commit(group: readonly Batch[]): Appended[] {
    try {
      return this.#commitWhole(group);
    } catch (error) {
      // SQLite may have rolled back by itself.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      if (resultCodeOf(error) !== SQLITE_FULL) throw error;
    }
    // One by one, those that are small or make room may still succeed.
    return group.length === 1 ? [{ kind: "full" }] : group.flatMap((batch) => this.commit([batch]));
  }

  /** Another content, in one transaction. Throws as `commit` does. */
  replace({ cluster, rows, ...given }: RawSnapshot): Replaced {
    const { epoch, revision } = headBeyond(this.#meta(), given);
    try {
      this.#begin.run();
      this.#database.prepare("DELETE FROM records").run();
      for (const { key, value, revision } of rows) this.#put.run(key, value, revision);
      this.#database.prepare("UPDATE meta SET cluster = ?, epoch = ?, revision = ?").run(cluster, epoch, revision);
      this.#end.run();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      if (resultCodeOf(error) !== SQLITE_FULL) throw error;
      return { kind: "full" };
    }
    this.#revision = revision;
    return { kind: "replaced", epoch, revision };
  }

  close(): void {
    this.#database.close();
  }

  #commitWhole(group: readonly Batch[]): Appended[] {
    this.#begin.run();
    let head = this.#revision;
    const outcomes = group.map(({ expectedRevision, changes }): Appended => {
      if (expectedRevision !== undefined && expectedRevision !== head) return { kind: "conflict", revision: head };
      head += 1;
      for (const { key, value } of changes) {
        if (value === null) this.#delete.run(key);
        else this.#put.run(key, value, head);
      }
      return { kind: "committed", revision: head };
    });
    if (head > this.#revision) this.#setRevision.run(head);
    this.#end.run();
    this.#revision = head;
    return outcomes;
  }

  #meta(): { cluster: string; epoch: number; revision: number } {
    const row = this.#database.prepare("SELECT cluster, epoch, revision FROM meta").get();
    return row as { cluster: string; epoch: number; revision: number };
  }
}
