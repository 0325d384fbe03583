/**
 * Keeps one watch stream open for as long as the page is: message after message, and when it breaks again after a pause
 * that grows. A stream that fell silent is told from a quiet cluster by asking the controller something small.
 * @module
 */
import type { Client } from "../../../wire/client/client.ts";
import { ApiRefusal, Unreachable } from "../../../wire/client/problem_error.ts";
import type { WatchMessage } from "../../../wire/watch.ts";

const PAUSE_MS = 500;
const PAUSE_MAX_MS = 10_000;
const PING_MS = 4_000;
const PING_ANSWER_MS = 4_000;
const UNAUTHORIZED = 401;
/** One and the same, so that a message alone changes nothing of it. */
const LIVE = { state: "live" } as const;

/** How the connection is. */
export type Connection =
  | { state: "connecting" }
  | { state: "live" }
  /** Since when, why, and when it is tried again. */
  | { state: "lost"; sinceMs: number; reason: string; againMs: number };

export interface Watching {
  client: Pick<Client, "watch" | "getVersion">;
  /** The id of the last event that was seen. */
  after: () => number | undefined;
  onMessage: (message: WatchMessage) => void;
  onConnection: (connection: Connection) => void;
  /** Says when a pause should end at once, as the network is back; gives what ends the waiting for that. */
  wakeUp: (wake: () => void) => () => void;
  signal: AbortSignal;
}

/** Watches until it is aborted, or a credential is asked for: then it throws the `ApiRefusal`. */
export async function keepWatching(watching: Watching): Promise<void> {
  const { signal, onConnection } = watching;
  onConnection({ state: "connecting" });
  let sinceMs: number | undefined;
  for (let pauseMs = PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, PAUSE_MAX_MS)) {
    const fresh = () => {
      pauseMs = PAUSE_MS;
      sinceMs = undefined;
    };
    const reason = await watchOnce(watching, fresh);
    if (signal.aborted) return;
    sinceMs ??= Date.now();
    onConnection({ state: "lost", sinceMs, reason, againMs: Date.now() + pauseMs });
    await pause(pauseMs, watching);
  }
}

/** One stream from its beginning to its end; says why it ended. */
async function watchOnce(watching: Watching, fresh: () => void): Promise<string> {
  const { client, after, onMessage, onConnection, signal } = watching;
  const dead = new AbortController();
  const pings = setInterval(async () => {
    try {
      await client.getVersion({}, { signal, answerMs: PING_ANSWER_MS });
    } catch (error) {
      dead.abort(error);
    }
  }, PING_MS);
  try {
    const query = { after: after() };
    for await (const message of client.watch({ query }, { signal: AbortSignal.any([signal, dead.signal]) })) {
      onMessage(message);
      onConnection(LIVE);
      fresh();
    }
    return "the controller ended the stream";
  } catch (error) {
    if (error instanceof ApiRefusal && error.problem.status === UNAUTHORIZED) throw error;
    const cause = dead.signal.aborted ? dead.signal.reason : error;
    if (signal.aborted || cause instanceof Unreachable || cause instanceof ApiRefusal) return String(cause.message);
    throw cause;
  } finally {
    clearInterval(pings);
  }
}

async function pause(ms: number, { wakeUp, signal }: Watching): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const forget = wakeUp(resolve);
  const over = new AbortController();
  signal.addEventListener("abort", () => resolve(), { signal: over.signal });
  await promise;
  over.abort();
  clearTimeout(timer);
  forget();
}
