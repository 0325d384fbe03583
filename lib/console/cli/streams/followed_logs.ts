/**
 * The lines of a log as they are written, for as long as anybody reads them: over connections that are lost, without
 * showing a line twice, and with a word where some may be missing.
 * @module
 */
import type { ServiceLogLine } from "../../../wire/api.ts";
import { LinesSeen, type Shown } from "./lines_seen.ts";
import type { LogSource } from "./log_source.ts";
import { resumed } from "./resume.ts";

/** How far back one looks for where one was. */
const RESUME_TAIL = 1_000;
/** After so long without a line, no more old ones come. */
const QUIET_MS = 500;

export interface FollowOptions {
  /** How many of the lines that are there come first. */
  tail: number;
  note(text: string): Promise<void>;
  signal: AbortSignal;
}

/** All lines, until the signal; `open` is given the signal by which its requests end. */
export async function* followedLogs(
  open: (signal: AbortSignal) => LogSource,
  { tail, note, signal: ending }: FollowOptions,
): AsyncGenerator<ServiceLogLine> {
  const leaving = new AbortController();
  const signal = AbortSignal.any([ending, leaving.signal]);
  const seen = new LinesSeen();
  const lines = linesOf(open(signal), { seen, tail, note, signal });
  let step: Promise<IteratorResult<ServiceLogLine>> | undefined;
  try {
    while (true) {
      step ??= lines.next();
      const came = seen.isHolding ? await orQuiet(step) : await step;
      if (came !== "quiet") step = undefined;
      if (came !== "quiet" && came.done) return;
      for (const { lines, gapOf } of came === "quiet" ? seen.settle() : [seen.take(came.value)] satisfies Shown[]) {
        if (gapOf !== undefined) await note(`Some lines of ${gapOf} may be missing here.`);
        yield* lines;
      }
    }
  } finally {
    leaving.abort();
    // Whoever has left doesn't want to know how the line that was awaited would have come.
    await step?.catch(() => {});
  }
}

function linesOf(
  source: LogSource,
  { seen, tail, note, signal }: FollowOptions & { seen: LinesSeen },
): AsyncGenerator<ServiceLogLine> {
  let wanted = tail;
  return resumed({
    reach: async (times) => {
      await source.find();
      if (times === "first") return;
      seen.resume();
      // Where nothing was shown yet, nothing old is wanted now.
      if (!seen.isEmpty || tail > 0) wanted = RESUME_TAIL;
    },
    follow: () => source.read({ tail: wanted, follow: true }),
  }, { signal, note });
}

async function orQuiet<T>(step: Promise<T>): Promise<T | "quiet"> {
  const { promise, resolve } = Promise.withResolvers<"quiet">();
  const timer = setTimeout(() => resolve("quiet"), QUIET_MS);
  try {
    return await Promise.race([step, promise]);
  } finally {
    clearTimeout(timer);
  }
}
