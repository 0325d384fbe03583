/**
 * The file of the sqlite store: made, opened and looked over, or refused with what to do. It runs in the worker, and so
 * imports little. One connection holds the file with an exclusive lock, which SQLite gives up with the process.
 *
 * Nothing else in the process may open the file by other means: closing it again would release the lock (POSIX).
 * @module
 */
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { removeIfThereSync } from "../../runtime/remove_if_there.ts";
import { damaged, locked, newer, StoreDamagedError, StoreFailedError, StoreNewerError } from "./failure.ts";

/** How long a predecessor that was just killed may take to let go of the file. */
const LOCK_WAIT_MS = 1_000;
/** Marks the file as ours for `file` and for us: "Mstr". */
const APPLICATION_ID = 0x4d737472;
/** What leads from each version of the schema to the next, first from nothing to version 1. Only ever appended to. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE meta (
     one INTEGER PRIMARY KEY CHECK (one = 1), cluster TEXT NOT NULL, epoch INTEGER NOT NULL, revision INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE records (key TEXT PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL) STRICT;`,
];

/** SQLite's result codes that have a meaning of their own here. */
export const SQLITE_FULL = 13;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Opens the file, or makes it for the cluster given if there is none. */
export function openStoreFile(path: string, { cluster }: { cluster: string }): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (sizeOf(path) === undefined) createStoreFile(path, { cluster });
    // SQLite takes an empty file for an empty database, and would begin a new cluster in it.
    if (sizeOf(path) === 0) throw damaged(path, "is empty");
    database = new DatabaseSync(path);
    takeLock(database);
    checkOrigin(database, path);
    checkIntegrity(database, path);
    makeDurable(database);
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    throw explained(error, path);
  }
}

/** The primary result code of an error that SQLite gave a prepared statement; `exec` loses it. */
export function resultCodeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  // The upper bits say more than is asked here: SQLITE_BUSY_RECOVERY is a SQLITE_BUSY.
  return typeof code === "number" ? code & 0xff : undefined;
}

/** Makes the file whole under another name: whatever interrupts this, no half-made file has the store's name. */
function createStoreFile(path: string, { cluster }: { cluster: string }): void {
  if (sizeOf(`${path}-wal`) !== undefined) {
    // SQLite would replay it into the new file.
    throw damaged(path, `is gone, but ${path}-wal with its newest changes is there`);
  }
  const temporary = join(dirname(path), `.${basename(path)}.${cluster}.tmp`);
  try {
    // The records hold the environments of services: they are for the owner only. SQLite keeps the mode.
    Deno.openSync(temporary, { write: true, createNew: true, mode: 0o600 }).close();
    fillStoreFile(temporary, { cluster });
    linkUnlessThere(temporary, path);
    syncFolder(dirname(path));
  } catch (cause) {
    const state = `${(cause as Error).message}; check that its folder exists, may be written to, and has room`;
    throw new StoreFailedError(`Cannot make the store ${path}: ${state}`, { cause });
  } finally {
    removeIfThereSync(temporary);
  }
}

function fillStoreFile(path: string, { cluster }: { cluster: string }): void {
  const database = new DatabaseSync(path);
  try {
    makeDurable(database);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    migrate(database);
    database.prepare("INSERT INTO meta VALUES (1, ?, 0, 0)").run(cluster);
  } finally {
    database.close();
  }
}

function takeLock(database: DatabaseSync): void {
  database.exec(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}; PRAGMA locking_mode = EXCLUSIVE`);
  // With WAL, the first read locks. It also takes over what a predecessor left in its "-wal".
  pragma(database, "schema_version");
}

/** Refuses what isn't ours before anything in it is changed. */
function checkOrigin(database: DatabaseSync, path: string): void {
  if (pragma(database, "application_id") !== APPLICATION_ID) {
    throw damaged(path, "is a database, but not one of a Muster controller");
  }
  const found = Number(pragma(database, "user_version"));
  if (found > MIGRATIONS.length) throw newer(path, { found, known: MIGRATIONS.length });
}

function checkIntegrity(database: DatabaseSync, path: string): void {
  const found = pragma(database, "integrity_check(1)");
  if (found !== "ok") throw damaged(path, `is damaged (${found})`);
  if (database.prepare("SELECT cluster FROM meta").get() === undefined) throw damaged(path, "names no cluster");
}

/** A commit is on the disk when it returns, also on macOS, where only a full sync empties the disk's own cache. */
function makeDurable(database: DatabaseSync): void {
  for (const setting of ["journal_mode = WAL", "synchronous = FULL", "fullfsync = ON", "checkpoint_fullfsync = ON"]) {
    pragma(database, setting);
  }
}

function migrate(database: DatabaseSync): void {
  const version = Number(pragma(database, "user_version"));
  for (const [step, sql] of MIGRATIONS.entries()) {
    if (step < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${sql} PRAGMA user_version = ${step + 1}; COMMIT`);
  }
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

function explained(error: unknown, path: string): unknown {
  switch (resultCodeOf(error)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return locked(path, { cause: error });
    case SQLITE_NOTADB:
      return damaged(path, "is not a database", { cause: error });
    case SQLITE_CORRUPT:
      return damaged(path, "is damaged", { cause: error });
  }
  if ([StoreDamagedError, StoreNewerError, StoreFailedError].some((kind) => error instanceof kind)) return error;
  const message = `Cannot open the store ${path}: ${(error as Error).message}; check the file's permissions and disk`;
  return new StoreFailedError(message, { cause: error });
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Gives the file its name as `rename` would, but never in the place of one that another controller has just made. */
function linkUnlessThere(from: string, to: string): void {
  try {
    Deno.linkSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** A name is durable only with its folder. Windows can't open folders, and needs no such step. */
function syncFolder(path: string): void {
  if (Deno.build.os === "windows") return;
  using folder = Deno.openSync(path, { read: true });
  folder.syncSync();
}
