/**
 * A fixed number of places for what stays open, such as event streams: whoever finds none is turned away.
 * @module
 */

export class Seats {
  readonly #max: number;
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** A place until it is given back, or undefined when all are taken. Giving it back twice changes nothing. */
  take(): Disposable | undefined {
    if (this.#taken >= this.#max) return undefined;
    this.#taken += 1;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#taken -= 1;
        held = false;
      },
    };
  }
}
