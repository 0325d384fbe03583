/**
 * pooledMap(): an asynchronous map with a limit on how many items are under way at a time. The work
 * starts at once, whether or not anybody reads; the results come in the order of the items.
 *
 * @module
 */

const FAILED_MESSAGE = "Cannot complete the mapping as an error was thrown from an item";

/**
 * Maps the items with at most `poolLimit` calls of `iteratorFn` at a time. After a failure no further
 * item is started; the results of those under way are still delivered, and then an AggregateError
 * with all the failures is thrown.
 */
export function pooledMap<T, R>(
  poolLimit: number,
  array: Iterable<T> | AsyncIterable<T>,
  iteratorFn: (data: T) => Promise<R>,
): AsyncIterableIterator<R> {
  if (!Number.isInteger(poolLimit) || poolLimit < 1) throw new RangeError("'poolLimit' must be a positive integer");
  let isWanted = true;
  const started = new ReadableStream<Started<R>>({
    // Not returned: a stream can't be read before its start() has ended.
    start: (controller) => void startAll(controller),
    cancel: () => void (isWanted = false),
  });
  return deliver(started);

  async function startAll(controller: ReadableStreamDefaultController<Started<R>>): Promise<void> {
    const running = new Set<Promise<unknown>>();
    try {
      for await (const item of array) {
        if (!isWanted) break;
        const result = Promise.resolve().then(() => iteratorFn(item));
        controller.enqueue({ result });
        const slot: Promise<unknown> = result.then(() => running.delete(slot));
        // Whoever waits for a slot sees the failure; until then it must not count as unhandled.
        slot.catch(() => {});
        running.add(slot);
        if (running.size >= poolLimit) await Promise.race(running);
      }
      await Promise.all(running);
    } catch (cause) {
      const failures = await failuresOf(running);
      // A failure of the source itself is no item's failure: it is kept as the cause.
      const options = failures.includes(cause) ? undefined : { cause };
      if (isWanted) controller.enqueue({ failure: new AggregateError(failures, FAILED_MESSAGE, options) });
    }
    if (isWanted) controller.close();
  }
}

/** An item that was started, or the end of it all. */
type Started<R> = { result: Promise<R> } | { failure: AggregateError };

async function failuresOf(running: Iterable<Promise<unknown>>): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(running);
  return outcomes.filter((outcome) => outcome.status === "rejected").map((outcome) => outcome.reason);
}

async function* deliver<R>(started: ReadableStream<Started<R>>): AsyncGenerator<R> {
  for await (const item of started) {
    if ("failure" in item) throw item.failure;
    const [outcome] = await Promise.allSettled([item.result]);
    // A rejection is left to the AggregateError at the end.
    if (outcome.status === "fulfilled") yield outcome.value;
  }
}
