/**
 * A fixed number of places for what stays open, such as event streams: whoever finds none is turned away, and so is who
 * has as many as one may have.
 * @module
 */

export class Seats {
  readonly #max: number;
  /** How many each has. */
  readonly #own = new Map<string, number>();
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /**
   * A place until it is given back, or why there is none for that holder: all are taken, or as many of them by the holder
   * as one may have. Giving it back twice changes nothing.
   */
  take(holder: string, { ownMax }: { ownMax: number }): Disposable | "all_taken" | "own_taken" {
    if (this.#taken >= this.#max) return "all_taken";
    if ((this.#own.get(holder) ?? 0) >= ownMax) return "own_taken";
    this.#count(holder, 1);
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#count(holder, -1);
        held = false;
      },
    };
  }

  #count(holder: string, change: 1 | -1): void {
    this.#taken += change;
    const own = (this.#own.get(holder) ?? 0) + change;
    if (own > 0) this.#own.set(holder, own);
    else this.#own.delete(holder);
  }
}
