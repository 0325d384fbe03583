/**
 * The signals that ask a program to end or to read its files anew. The entry files listen here and dispose of the
 * listener when they end. Windows knows fewer: there Ctrl-C and Ctrl-Break stand for all requests to end.
 * @module
 */

/** Calls `handler` for each of the signals until the result is disposed of. */
export function onSignals(signals: readonly Deno.Signal[], handler: (signal: Deno.Signal) => void): Disposable {
  const listeners = signalsOn(Deno.build.os, signals).map((signal) => {
    const listener = () => handler(signal);
    Deno.addSignalListener(signal, listener);
    return { signal, listener };
  });
  return {
    [Symbol.dispose]: () => {
      for (const { signal, listener } of listeners.splice(0)) Deno.removeSignalListener(signal, listener);
    },
  };
}

/** The signals that can be listened for on that system when these are wanted. */
export function signalsOn(os: typeof Deno.build.os, wanted: readonly Deno.Signal[]): readonly Deno.Signal[] {
  if (os !== "windows") return wanted;
  const asksToEnd = wanted.some((signal) => signal === "SIGINT" || signal === "SIGTERM" || signal === "SIGBREAK");
  return asksToEnd ? ["SIGINT", "SIGBREAK"] : [];
}
