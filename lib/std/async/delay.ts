/**
 * delay(): a timer as a promise, which a signal ends early. retry() waits with it between attempts,
 * and so do the loops of the agent and the controller.
 *
 * @module
 */

/** Options of delay(). */
export interface DelayOptions {
  /** Rejects the delay with the signal's reason as soon as it is aborted. */
  signal?: AbortSignal;
  /** Whether the timer keeps the process alive; by default it does. */
  persistent?: boolean;
}

/** The longest time one timer of the runtime can take; what is longer would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Resolves after `ms` milliseconds. Negative numbers and NaN count as zero, and Infinity never ends. */
export function delay(ms: number, options: DelayOptions = {}): Promise<void> {
  const { signal, persistent = true } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    let timer = 0;
    const end = () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    };
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const arm = (leftMs: number) => {
      const stepMs = Math.min(leftMs, TIMER_MAX_MS);
      timer = Number(setTimeout(() => leftMs > stepMs ? arm(leftMs - stepMs) : end(), stepMs));
      if (!persistent) Deno.unrefTimer(timer);
    };
    signal?.addEventListener("abort", abort, { once: true });
    arm(Math.max(Math.trunc(ms) || 0, 0));
  });
}
