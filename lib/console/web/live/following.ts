/**
 * Lines of a log as they come, in a signal: collected for a moment so that a flood draws the page ten times a second and
 * no more, read anew when the stream breaks, without lines that were seen already.
 * @module
 */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { refusalIn } from "../api.ts";
import { appended, EMPTY_LOG, type LogBuffer, type ShownLine, unseen } from "../log_buffer.ts";

const GATHER_MS = 100;
const AGAIN_MS = 2_000;
const TAIL = 300;

/** Asks for the last lines and all that follow. */
export type LogSource = (
  query: { tail: number; follow: true },
  options: { signal: AbortSignal },
) => AsyncIterable<ShownLine>;

export interface Followed {
  buffer: LogBuffer;
  /** Why there is nothing new, if so. */
  trouble: string | undefined;
}

/** Follows a log while the component is on the page; `key` tells one log from another. */
export function useLog(source: LogSource, key: string): Signal<Followed> {
  const followed = useSignal<Followed>({ buffer: EMPTY_LOG, trouble: undefined });
  useEffect(() => {
    const gone = new AbortController();
    followed.value = { buffer: EMPTY_LOG, trouble: undefined };
    follow(source, followed, gone.signal);
    return () => gone.abort();
  }, [key]);
  return followed;
}

async function follow(source: LogSource, followed: Signal<Followed>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const trouble = await followOnce(source, followed, signal);
    if (signal.aborted) return;
    followed.value = { ...followed.peek(), trouble };
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** One stream to its end; says why it ended. */
async function followOnce(source: LogSource, followed: Signal<Followed>, signal: AbortSignal): Promise<string> {
  // What was read before this stream began: lines up to there come once more, and are left out.
  const { last } = followed.peek().buffer;
  let waiting: ShownLine[] = [];
  const flush = () => {
    if (waiting.length === 0 || signal.aborted) return;
    const { buffer } = followed.peek();
    const news = unseen({ ...buffer, last }, waiting).toSorted(byTime);
    waiting = [];
    followed.value = { buffer: appended(buffer, news), trouble: undefined };
  };
  const timer = setInterval(flush, GATHER_MS);
  try {
    for await (const line of source({ tail: TAIL, follow: true }, { signal })) waiting.push(line);
    return "the log ended";
  } catch (error) {
    return signal.aborted ? "" : refusalIn(error);
  } finally {
    clearInterval(timer);
    flush();
  }
}

/** What came together is put in order: of several replicas each one's last lines come in a row. */
function byTime(a: ShownLine, b: ShownLine): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : 0;
}
