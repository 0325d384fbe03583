/**
 * abortable(): stops waiting for a promise or an async iterable that takes no signal itself. The work
 * behind it goes on; only the waiting ends. deadline() is built on it.
 *
 * @module
 */

/** Follows the promise until the signal is aborted, and then rejects with the signal's reason. */
export function abortable<T>(p: Promise<T>, signal: AbortSignal): Promise<T>;
/** Yields what the iterable yields until the signal is aborted, and then throws the signal's reason. */
export function abortable<T>(p: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T>;
export function abortable<T>(p: Promise<T> | AsyncIterable<T>, signal: AbortSignal): Promise<T> | AsyncGenerator<T> {
  return p instanceof Promise ? abortablePromise(p, signal) : abortableIterable(p, signal);
}

async function abortablePromise<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  using aborted = whenAborted(signal);
  return await Promise.race([aborted.promise, promise]);
}

async function* abortableIterable<T>(iterable: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  signal.throwIfAborted();
  using aborted = whenAborted(signal);
  const iterator = iterable[Symbol.asyncIterator]();
  try {
    while (true) {
      const step = await Promise.race([aborted.promise, iterator.next()]);
      if (step.done) return;
      yield step.value;
    }
  } finally {
    // A source that is still busy with its next item ends after it: no reason to wait for that here.
    const closing = iterator.return?.();
    if (signal.aborted) closing?.catch(() => {});
    else await closing;
  }
}

/** A promise that rejects at the abort, and the end of listening for it. */
function whenAborted(signal: AbortSignal): Disposable & { promise: Promise<never> } {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  // Nobody may be waiting at that moment, which isn't an error.
  promise.catch(() => {});
  return {
    promise,
    [Symbol.dispose]: () => signal.removeEventListener("abort", abort),
  };
}
