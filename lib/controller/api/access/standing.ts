/**
 * How answers that stay open end with the credential that they were asked for with: a token that is removed or expires
 * ends the event and log streams of its owner within a second, and so does a session that is left or over.
 * @module
 */
import { pause } from "../../../runtime/clock.ts";
import type { Call } from "../context.ts";

const LOOK_AGAIN_MS = 500;

/** Lasts as long as the answer; whoever gives the answer disposes it. */
export interface Standing extends Disposable {
  /** Aborted when the answer may not go on: the controller ends, or the caller's credential has. And once it is over. */
  signal: AbortSignal;
  /** Looks now whether it may go on. */
  holds(): boolean;
}

/** Looks again and again whether the caller may still be answered. */
export function watchStanding({ env: { who }, var: { api } }: Call): Standing {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, api.ending]);
  const holds = () => {
    if (!signal.aborted && !api.stands(who)) ended.abort();
    return !signal.aborted;
  };
  const watch = async () => {
    while (holds()) {
      await pause(api.clock, LOOK_AGAIN_MS, signal);
    }
  };
  if (who.kind !== "anyone") watch();
  return { signal, holds, [Symbol.dispose]: () => ended.abort() };
}
