/**
 * A body that is cut off at once, whether or not anybody is reading it: when the credential that it was asked for with
 * ends, with the controller, and when its reader takes nothing for too long. Nothing is given that was made after that.
 * @module
 */
import { type Clock, pause } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import type { Standing } from "./access/standing.ts";

/** For how long a reader may leave what there is for it: a person reads logs by the page. */
const STALLED_MS = 900_000;
const LOOK_MS = 5_000;
const CUT_OFF = "Cannot give the rest of an answer: it was cut off, as its reader took nothing or may read no more";

const log = getLog("api");

/** What a reader sees: what has no end of its own just ends, and the rest must not look whole. */
export type WhenCut = "ends" | "breaks off";

export interface WhileStandingOptions {
  /** Disposed of when the body is over. */
  standing: Standing;
  clock: Clock;
  whenCut: WhenCut;
  /** What is cut off, and whose it is, for the log. */
  stream: { path: string; of: string };
}

/** What the source has, each part taken when the reader asks for it. */
export function whileStanding(
  source: ReadableStream<Uint8Array>,
  { standing, clock, whenCut, stream }: WhileStandingOptions,
): ReadableStream<Uint8Array> {
  const { signal } = standing;
  const reader = source.getReader();
  /** Since when the reader asks for no more: what it got last is still on its way. */
  let leftSinceMs: number | undefined = clock.now();
  let body: ReadableStreamDefaultController<Uint8Array>;
  const cut = () => {
    if (whenCut === "ends") body.close();
    else body.error(new Error(CUT_OFF));
    reader.cancel().catch((error) => {
      // A source that hears the signal as well has failed by then.
      if (error !== signal.reason) log.warn("What was cut off didn't end as it should", { ...stream, error });
    });
  };
  const over = () => {
    signal.removeEventListener("abort", cut);
    standing[Symbol.dispose]();
  };
  const isStalled = () => leftSinceMs !== undefined && clock.now() - leftSinceMs >= STALLED_MS;
  const given = new ReadableStream<Uint8Array>({
    start(controller) {
      body = controller;
      if (signal.aborted) cut();
      else signal.addEventListener("abort", cut, { once: true });
    },
    async pull(controller) {
      leftSinceMs = undefined;
      const { done, value } = await reader.read().catch((error) => {
        over();
        throw error;
      });
      leftSinceMs = clock.now();
      if (!standing.holds()) return;
      if (!done) return controller.enqueue(value);
      over();
      controller.close();
    },
    cancel: (reason) => {
      // First, as a source that hears the signal fails by it.
      const cancelled = reader.cancel(reason);
      over();
      return cancelled;
    },
  }, { highWaterMark: 0 });
  endStalled(isStalled, { standing, clock, stream });
  return given;
}

async function endStalled(
  isStalled: () => boolean,
  { standing, clock, stream }: Omit<WhileStandingOptions, "whenCut">,
): Promise<void> {
  const { signal } = standing;
  while (!signal.aborted) {
    if (isStalled()) {
      log.debug(`A stream was cut off: its reader took nothing for ${STALLED_MS / 1_000} s`, stream);
      return standing[Symbol.dispose]();
    }
    await pause(clock, LOOK_MS, signal);
  }
}
