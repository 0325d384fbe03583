/**
 * Time as an argument. Whatever waits or measures takes a `Clock`, so that the simulator and the tests can hand it a
 * time of their own. Durations are measured with `now`, which never jumps; `wall` is for stamps that people read.
 * @module
 */
import { delay } from "@std/async";

/** A source of time. */
export interface Clock {
  /** Monotonic milliseconds from an arbitrary origin: only differences mean something. */
  now(): number;
  /** Milliseconds since 1970-01-01 UTC. May jump when the host's clock is set. */
  wall(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, options?: { signal?: AbortSignal }): Promise<void>;
}

/** The host's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  sleep: (ms, { signal } = {}) => delay(ms, { signal }),
};

/** Resolves after `ms`, and as soon as the signal is aborted: for whoever asks the signal before going on. */
export function pause(clock: Pick<Clock, "sleep">, ms: number, signal: AbortSignal): Promise<void> {
  return clock.sleep(ms, { signal }).catch((error) => {
    if (!signal.aborted) throw error;
  });
}
