/**
 * The audit log: every write is on record, and on the disk, before it takes effect. Whoever appends waits for the disk;
 * those who come meanwhile share the next trip to it. What can't be recorded must not happen: then `append()` rejects.
 * @module
 */
import { join } from "node:path";
import { syncFolder } from "../../runtime/atomic_file.ts";
import type { Clock } from "../../runtime/clock.ts";
import { isThere } from "../../runtime/is_there.ts";
import { getLog } from "../../runtime/log.ts";
import { type AuditEntry, type AuditHead, type AuditPage, sealAuditLine } from "../../wire/audit.ts";
import { AUDIT_FILE, type OlderAuditFile, olderAuditFile } from "../../wire/audit_files.ts";
import { type AuditFile, openAuditFile, type Sync } from "./audit_file.ts";
import { type PageOptions, readAuditPage } from "./page.ts";
import { recoverAudit, type Recovered } from "./recover.ts";

/** Entries that wait for the disk at most. */
export const AUDIT_QUEUE_MAX = 10_000;
/** Entries that share one trip to the disk at most. */
const GROUP_MAX = 1_000;
/** For how long at most a line waits for company. */
const WAIT_MS = 20;
/** A file that has grown to this size is set aside. */
const FILE_BYTES_MAX = 64 * 1_024 * 1_024;

const log = getLog("audit");

/** The entry is not on record: what it is about must not happen. */
export class AuditFailedError extends Error {
  override readonly name = "AuditFailedError";
}

export interface AuditLogOptions {
  /** The controller's data folder; the log lies in `audit/` there. */
  data: string;
  /** The id of the cluster. */
  cluster: string;
  clock: Clock;
  /** How what was written is brought to the disk. */
  sync?: Sync;
  fileBytesMax?: number;
}

/**
 * Opens the log or begins one. Rejects when its files can't be used; a full disk is no reason, as only writes need
 * room: they are refused until there is some.
 */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const { data, cluster, sync = (file) => file.syncData() } = options;
  const folder = join(data, "audit");
  await makeOwnFolder(folder);
  await syncFolder(data);
  const lock = await lockFolder(folder);
  try {
    const recovered = await recoverAudit(folder);
    const { bytes, head, notes } = recovered;
    for (const note of notes) tell(note);
    if (bytes > 0 && recovered.cluster !== cluster) notes.unshift({ kind: "begun", cluster });
    const file = await openAuditFile(join(folder, AUDIT_FILE), { bytes, isNew: false, sync });
    const audit = new AuditLog({ options: { ...options, sync }, folder, lock, file, recovered });
    await audit.writeNotes();
    log.info("The audit log goes on", { lines: head.seq, last: head.hash });
    return audit;
  } catch (error) {
    lock.close();
    throw error;
  }
}

interface Parts {
  options: AuditLogOptions & { sync: Sync };
  folder: string;
  lock: Deno.FsFile;
  file: AuditFile;
  recovered: Recovered;
}

/** An entry that is not yet on the disk. */
interface Pending {
  entry: AuditEntry;
  resolve(): void;
  reject(error: unknown): void;
}

export class AuditLog implements AsyncDisposable {
  readonly #options: AuditLogOptions & { sync: Sync };
  readonly #folder: string;
  readonly #lock: Deno.FsFile;
  readonly #older: OlderAuditFile[];
  #file: AuditFile;
  #firstSeq: number;
  #head: AuditHead;
  /** What is yet to be written about the log itself. */
  #notes: AuditEntry[];
  #queue: Pending[] = [];
  /** Runs while there is something to write. */
  #writing: Promise<void> | undefined;
  /** Ends the waiting of what can wait. */
  #later: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor({ options, folder, lock, file, recovered }: Parts) {
    this.#options = options;
    this.#folder = folder;
    this.#lock = lock;
    this.#file = file;
    this.#older = recovered.older;
    this.#firstSeq = recovered.firstSeq;
    this.#head = recovered.head;
    this.#notes = recovered.notes;
  }

  /** The last line that is on the disk: worth noting elsewhere, for `audit verify --expect`. */
  get last(): AuditHead {
    return this.#head;
  }

  /**
   * Resolves once the entry is on the disk; rejects with an `AuditFailedError` when it is not going to be there. What
   * can wait is written together with what comes next, or a little later: a disk brings two lines as soon as one.
   */
  append(entry: AuditEntry, { canWait = false } = {}): Promise<void> {
    if (this.#isClosed) return Promise.reject(failed("it is closed", "start the controller again"));
    if (this.#queue.length >= AUDIT_QUEUE_MAX) {
      return Promise.reject(failed(`${AUDIT_QUEUE_MAX} entries wait for the disk already`, "try again in a while"));
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#queue.push({ entry, resolve, reject });
    if (!canWait) this.#flush();
    else this.#later ??= setTimeout(() => this.#flush(), WAIT_MS);
    return promise;
  }

  /** A page of what is on record. */
  async read(options: PageOptions): Promise<AuditPage> {
    if (this.#later !== undefined) {
      this.#flush();
      await this.#writing;
    }
    const path = join(this.#folder, AUDIT_FILE);
    const files = [...this.#older, { path, firstSeq: this.#firstSeq, bytes: this.#file.bytes }];
    return await readAuditPage({ files, last: this.#head.seq }, options);
  }

  /** Writes what happened to the log itself, so that it is on record although nobody writes. */
  async writeNotes(): Promise<void> {
    try {
      if (this.#file.bytes === 0 || this.#notes.length > 0) await this.#write([]);
    } catch (error) {
      log.error("Cannot write to the audit log: writes are refused until it can be written", { error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#flush();
    await this.#writing;
    this.#file[Symbol.dispose]();
    this.#lock.close();
    log.info("The audit log is closed", { lines: this.#head.seq, last: this.#head.hash });
  }

  #flush(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    if (this.#queue.length > 0) this.#writing ??= this.#writeQueue();
  }

  async #writeQueue(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, GROUP_MAX);
      try {
        await this.#write(group.map(({ entry }) => entry));
        for (const { resolve } of group) resolve();
      } catch (cause) {
        const error = failed((cause as Error).message, "make room on its disk, or look at its folder", { cause });
        for (const { reject } of group) reject(error);
      }
    }
    this.#writing = undefined;
  }

  async #write(entries: readonly AuditEntry[]): Promise<void> {
    const { cluster, clock, fileBytesMax = FILE_BYTES_MAX } = this.#options;
    if (this.#file.bytes >= fileBytesMax) await this.#setAside();
    const isNew = this.#file.bytes === 0;
    if (isNew) await syncFolder(this.#folder);
    const begun: AuditEntry[] = isNew ? [{ kind: "begun", cluster }] : [];
    const time = new Date(clock.wall()).toISOString();
    let head = this.#head;
    let text = "";
    for (const entry of [...begun, ...this.#notes, ...entries]) {
      const line = sealAuditLine(entry, { after: head, time });
      text += `${line.text}\n`;
      head = line.head;
    }
    await this.#file.append(new TextEncoder().encode(text));
    this.#head = head;
    this.#notes = [];
  }

  /** Goes on in a new file. */
  async #setAside(): Promise<void> {
    const path = join(this.#folder, AUDIT_FILE);
    const older = { path: join(this.#folder, olderAuditFile(this.#firstSeq)), firstSeq: this.#firstSeq };
    // To rename would replace what is there, and nothing of an audit log is ever removed.
    if (await isThere(older.path)) {
      throw new Error(`the file to go on from is to be called ${older.path}, and there is one already; move it away`);
    }
    await Deno.rename(path, older.path);
    const file = await openAuditFile(path, { bytes: 0, isNew: true, sync: this.#options.sync }).catch(async (error) => {
      await Deno.rename(older.path, path);
      throw error;
    });
    this.#file[Symbol.dispose]();
    this.#file = file;
    this.#older.push(older);
    this.#firstSeq = this.#head.seq + 1;
  }
}

function failed(state: string, advice: string, options?: ErrorOptions): AuditFailedError {
  const subject = "Cannot record a write in the audit log";
  return new AuditFailedError(`${subject}: ${state}; nothing was changed: ${advice}`, options);
}

function tell(note: AuditEntry): void {
  if (note.kind === "mended") log.warn("The audit log was cut by a crash", { what: note.what });
  if (note.kind !== "broken") return;
  log.error('The audit log is BROKEN: somebody changed it, or the disk did; see "controller audit verify"', {
    what: note.what,
  });
}

async function makeOwnFolder(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  if (Deno.build.os !== "windows") await Deno.chmod(path, 0o700);
}

async function lockFolder(folder: string): Promise<Deno.FsFile> {
  const lock = await Deno.open(join(folder, "lock"), { create: true, write: true, mode: 0o600 });
  if (await lock.tryLock(true)) return lock;
  lock.close();
  const advice = "stop that one, or give this one a folder of its own with --data";
  throw new Error(`Cannot open the audit log in ${folder}: another controller has it open; ${advice}`);
}
