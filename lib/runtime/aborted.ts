/**
 * Waiting for a signal to be aborted, for whoever lives until then: servers, watchers, the entry files.
 * @module
 */

/** Resolves once the signal is aborted, at once if it is already. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
