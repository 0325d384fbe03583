/**
 * What something that changes is, at each change and at least each second: for lines that show how long it takes already,
 * and for what is decided when nothing has changed for a while.
 * @module
 */

const EVERY_MS = 1_000;

/** Gives what the source gave last; nothing before it gave something. The source is ended with it. */
export async function* everySecond<T>(
  open: (options: { signal: AbortSignal }) => AsyncGenerator<T>,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<T> {
  const ending = new AbortController();
  const end = () => ending.abort(signal.reason);
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const source = open({ signal: ending.signal });
  let step = next(source);
  let last: IteratorResult<T> | undefined;
  try {
    while (true) {
      const came = await orTimeout(step);
      if (came !== undefined) {
        if (came.done) return;
        last = came;
        step = next(source);
      }
      if (last !== undefined) yield last.value;
    }
  } finally {
    signal.removeEventListener("abort", end);
    ending.abort();
    // It ends because it was told to, and whatever else it has to say comes too late.
    await step.then(() => source.return(undefined), () => {});
  }
}

/** A step that fails while nobody waits for it is heard of at the next turn. */
function next<T>(source: AsyncGenerator<T>): Promise<IteratorResult<T>> {
  const step = source.next();
  step.catch(() => {});
  return step;
}

async function orTimeout<T>(step: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), EVERY_MS);
  try {
    return await Promise.race([step, promise]);
  } finally {
    clearTimeout(timer);
  }
}
