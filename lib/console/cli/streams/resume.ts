/**
 * Streams that are followed for longer than a connection lasts: `logs -f` and `events -f` say that the controller was
 * lost, try again with pauses that grow, and go on where they were. One that stays away for long is given up.
 * @module
 */
import { type Clock, systemClock } from "../../../runtime/clock.ts";
import { ApiRefusal, Unreachable } from "../../../wire/client/problem_error.ts";

const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 5_000;
/** After so long without the controller, nobody waits for it any more. */
const GIVE_UP_MS = 600_000;
/** A connection that stood for so long was a good one: the next pause is a short one again. */
const STOOD_MS = 10_000;

/** What is followed. */
export interface Followed<T> {
  /** Asks something small, to know that it is there, and where to go on; throws where it isn't. */
  reach(times: "first" | "again"): Promise<void>;
  /** From there on. */
  follow(): AsyncIterable<T>;
}

export interface ResumeOptions {
  signal: AbortSignal;
  note(text: string): Promise<void>;
  clock?: Clock;
}

/** All parts, over however many connections. What fails at the first one, or isn't about connections, is thrown. */
export async function* resumed<T>(
  { reach, follow }: Followed<T>,
  { signal, note, clock = systemClock }: ResumeOptions,
): AsyncGenerator<T> {
  await reach("first");
  let pauseMs = PAUSE_FIRST_MS;
  while (true) {
    const beganMs = clock.now();
    const failure = yield* untilBroken(follow);
    if (failure === undefined) return;
    if (!isPassing(failure) || signal.aborted) throw failure;
    if (clock.now() - beganMs > STOOD_MS) pauseMs = PAUSE_FIRST_MS;
    await note(`${failure.message}; trying again until Ctrl-C`);
    pauseMs = await back(reach, { signal, clock, pauseMs });
    await note("The controller answers again: going on where this was.");
  }
}

/** Passes the parts on; gives what ended them, if that was a failure. */
async function* untilBroken<T>(follow: () => AsyncIterable<T>): AsyncGenerator<T, Error | undefined> {
  try {
    yield* follow();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error;
  }
}

/** Waits until it is there again; gives how long the next pause would be. */
async function back(
  reach: Followed<unknown>["reach"],
  { signal, clock, pauseMs }: { signal: AbortSignal; clock: Clock; pauseMs: number },
): Promise<number> {
  const lostMs = clock.now();
  for (let nextMs = pauseMs;; nextMs = Math.min(PAUSE_MAX_MS, nextMs * 2)) {
    await clock.sleep(nextMs, { signal });
    try {
      await reach("again");
      return Math.min(PAUSE_MAX_MS, nextMs * 2);
    } catch (error) {
      if (!isPassing(error) || clock.now() - lostMs > GIVE_UP_MS) throw error;
    }
  }
}

/** What may be over in a moment: nobody answers, or somebody who can't just now. */
function isPassing(error: unknown): error is Error {
  return error instanceof Unreachable || (error instanceof ApiRefusal && error.problem.status >= 500);
}
