/**
 * The controller's end of the store's worker: a call for each request, answered in order. The store on top of it knows
 * nothing of messages, and the worker nothing of promises.
 * @module
 */
import { deadline } from "@std/async";
import { errorOf, StoreFailedError } from "./failure.ts";
import type { SqliteAnswers, SqliteMessage, SqliteRequest } from "./sqlite_worker.ts";

/** Starting takes about 50 ms; a worker whose main module is the wrong one never says that it is ready. */
const READY_WAIT_MS = 30_000;

export interface SqliteThread {
  /** Rejects with the worker's error, or once the thread has ended, with the reason. */
  call<Request extends SqliteRequest>(request: Request): Promise<SqliteAnswers[Request["kind"]]>;
  /** Ends the thread at once. What is still unanswered is rejected. */
  end(reason: Error): void;
  /** Aborts when the thread has ended, by itself too. */
  ended: AbortSignal;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** Starts the worker and waits until it listens. */
export async function startSqliteThread(module: string | URL): Promise<SqliteThread> {
  const worker = new Worker(module, { type: "module", name: "store" });
  const ended = new AbortController();
  const waiting: Waiting[] = [];
  const { promise: ready, resolve: listens, reject } = Promise.withResolvers<void>();
  const end = (reason: Error) => {
    worker.terminate();
    ended.abort(reason);
    reject(reason);
    for (const call of waiting.splice(0)) call.reject(reason);
  };
  worker.onmessage = ({ data }: MessageEvent<SqliteMessage>) => {
    if (data.kind === "ready") return listens();
    const call = waiting.shift();
    if (data.kind === "failed") call?.reject(errorOf(data.note));
    else call?.resolve(data.answer);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    end(new StoreFailedError(`Cannot use the store: its worker failed: ${event.message}; start the controller again`));
  };
  try {
    await deadline(ready, READY_WAIT_MS);
  } catch (cause) {
    const error = new StoreFailedError(`Cannot start the store's worker ${module}: it does not answer`, { cause });
    end(error);
    throw error;
  }
  return {
    call: <Request extends SqliteRequest>(request: Request) => {
      type Answer = SqliteAnswers[Request["kind"]];
      if (ended.signal.aborted) return Promise.reject(ended.signal.reason);
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      waiting.push({ resolve: (answer) => resolve(answer as Answer), reject });
      worker.postMessage(request);
      return promise;
    },
    end,
    ended: ended.signal,
  };
}
