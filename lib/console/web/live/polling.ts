/**
 * What has no stream and is asked for again and again, such as usage: while a component that shows it is on the page,
 * and the page is seen. Whoever can't be reached has the connection's banner already; the last answer stays.
 * @module
 */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiRefusal, Unreachable } from "../../../wire/client/problem_error.ts";

export interface Polled<T> {
  answer: T | undefined;
  /** What the controller says against it. */
  refusal: string | undefined;
}

/**
 * The answers to a question, each `everyMs` after the one before; asked anew when `key` changes, as there is something
 * new to the same thing: what was known of it stays until then.
 */
export function usePolled<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  { everyMs, key = "" }: { everyMs: number; key?: string },
): Signal<Polled<T>> {
  const polled = useSignal<Polled<T>>({ answer: undefined, refusal: undefined });
  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const round = async () => {
      const given = await asked(ask, gone.signal);
      if (gone.signal.aborted) return;
      if (given !== undefined) polled.value = { ...polled.peek(), ...given };
      timer = setTimeout(whenSeen, everyMs);
    };
    const whenSeen = () => {
      if (!document.hidden) round();
      else document.addEventListener("visibilitychange", round, { once: true, signal: gone.signal });
    };
    round();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [key, everyMs]);
  return polled;
}

async function asked<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<Partial<Polled<T>> | undefined> {
  try {
    return { answer: await ask(signal), refusal: undefined };
  } catch (error) {
    if (signal.aborted || error instanceof Unreachable) return undefined;
    if (error instanceof ApiRefusal) return { refusal: error.message };
    throw error;
  }
}
