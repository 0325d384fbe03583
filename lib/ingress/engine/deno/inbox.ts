/**
 * Things that come at their time and are taken at another's: what one side of a connection puts in, the other takes out,
 * at once or when there is something. One taker waits at a time. How much is in it is bounded by whoever puts things in.
 * @module
 */

export class Inbox<T> {
  readonly #held: T[] = [];
  #awaited: PromiseWithResolvers<void> | undefined;

  put(thing: T): void {
    this.#held.push(thing);
    this.#awaited?.resolve();
    this.#awaited = undefined;
  }

  shift(): T | undefined {
    return this.#held.shift();
  }

  /** Resolves when there is something. */
  news(): Promise<void> {
    if (this.#held.length > 0) return Promise.resolve();
    this.#awaited ??= Promise.withResolvers<void>();
    return this.#awaited.promise;
  }
}
