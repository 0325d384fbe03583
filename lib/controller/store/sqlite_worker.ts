/**
 * The thread that waits for the disk, so that the controller's own never does. It answers each request once, in the
 * order in which they came. It starts itself as a worker's main module; in a compiled program the worker's main module
 * is the entry file, which calls `runSqliteWorker` when it finds itself in a worker. Imports are few on purpose: every
 * one of them is loaded a second time for this thread.
 * @module
 */
import { type FailureNote, noteOf } from "./failure.ts";
import type { Appended, Replaced } from "./store.ts";
import { openStoreFile } from "./sqlite_file.ts";
import { type Batch, type RawSnapshot, SqliteLedger } from "./sqlite_ledger.ts";

/** What the worker is asked. `open` is the first, `close` the last. */
export type SqliteRequest =
  | { kind: "open"; path: string; cluster: string }
  | { kind: "load" }
  | { kind: "lead" }
  | { kind: "commit"; group: Batch[] }
  | { kind: "replace"; snapshot: RawSnapshot }
  | { kind: "close" };

/** What it answers to each. */
export interface SqliteAnswers {
  open: undefined;
  load: RawSnapshot;
  lead: number;
  commit: Appended[];
  replace: Replaced;
  close: undefined;
}

export type SqliteMessage =
  /** It listens now: what is sent earlier is lost. */
  | { kind: "ready" }
  | { kind: "answered"; answer: SqliteAnswers[keyof SqliteAnswers] }
  | { kind: "failed"; note: FailureNote };

interface WorkerScope {
  onmessage: ((event: MessageEvent<SqliteRequest>) => void) | null;
  postMessage(message: SqliteMessage): void;
}

/** Makes this worker the store's. A second call changes nothing. */
export function runSqliteWorker(): void {
  const scope = globalThis as unknown as WorkerScope;
  if (scope.onmessage) return;
  let ledger: SqliteLedger | undefined;
  const answer = (request: SqliteRequest): SqliteAnswers[keyof SqliteAnswers] => {
    if (request.kind === "open") {
      ledger = new SqliteLedger(openStoreFile(request.path, { cluster: request.cluster }));
      return undefined;
    }
    if (ledger === undefined) throw new Error(`Cannot ${request.kind} the store: it is not open`);
    switch (request.kind) {
      case "load":
        return ledger.load();
      case "lead":
        return ledger.lead();
      case "commit":
        return ledger.commit(request.group);
      case "replace":
        return ledger.replace(request.snapshot);
      case "close":
        return void ledger.close();
      default:
        return request satisfies never;
    }
  };
  scope.onmessage = ({ data }) => {
    try {
      scope.postMessage({ kind: "answered", answer: answer(data) });
    } catch (error) {
      scope.postMessage({ kind: "failed", note: noteOf(error) });
    }
  };
  scope.postMessage({ kind: "ready" });
}

// In a bundle every module is "main", also outside of workers.
if (import.meta.main && "WorkerGlobalScope" in globalThis) runSqliteWorker();
