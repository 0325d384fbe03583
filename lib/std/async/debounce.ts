/**
 * debounce(): turns a burst of calls into its last one.
 *
 * @module
 */

/** What debounce() returns: the function to call in the place of the original. */
export interface DebouncedFunction<T extends Array<unknown>> {
  /** Starts the wait anew, with these arguments. */
  (...args: T): void;
  /** Forgets the waiting call. */
  clear(): void;
  /** Makes the waiting call now. */
  flush(): void;
  /** Whether a call is waiting. */
  readonly pending: boolean;
}

/** Options of debounce(). */
export interface DebounceOptions {
  /** Forgets the waiting call when aborted. */
  signal?: AbortSignal | undefined;
}

/** Calls `fn` once `wait` milliseconds have passed since the last call. */
export function debounce<T extends Array<unknown>>(
  fn: (this: DebouncedFunction<T>, ...args: T) => void,
  wait: number,
  options: DebounceOptions = {},
): DebouncedFunction<T> {
  if (!Number.isInteger(wait) || wait < 0) {
    throw new RangeError("'wait' must be a positive integer");
  }
  options.signal?.throwIfAborted();
  let waiting: { timer: number; call: () => void } | undefined;

  const clear = () => {
    clearTimeout(waiting?.timer);
    waiting = undefined;
  };
  const flush = () => {
    const call = waiting?.call;
    clear();
    call?.();
  };
  const start = (...args: T) => {
    clear();
    waiting = {
      timer: Number(setTimeout(flush, wait)),
      call: () => fn.apply(debounced, args),
    };
  };
  const debounced: DebouncedFunction<T> = Object.defineProperty(
    Object.assign(start, { clear, flush, pending: false }),
    "pending",
    { get: () => waiting !== undefined },
  );
  options.signal?.addEventListener("abort", clear, { once: true });
  return debounced;
}
