/**
 * Brings the two ends of a connection together, of which either may be there first: who connects learns its port when it
 * is connected, and the listener may have accepted by then. What nobody has expected within three seconds is turned away.
 * @module
 */

/** Far longer than the two ends of one process are apart, unless it is stalled. */
export const WAIT_MS = 3_000;
/** More than that at once are no accident. */
const STRANGERS_MAX = 1_024;

interface Waiting<T> {
  readonly arrived: T;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class Rendezvous<T> {
  readonly #turnAway: (stranger: T) => void;
  readonly #expected = new Map<number, (arrived: T) => void>();
  readonly #arrived = new Map<number, Waiting<T>>();

  constructor(turnAway: (stranger: T) => void) {
    this.#turnAway = turnAway;
  }

  /** What has arrived, or arrives, from that port; undefined when nothing does. */
  expect(port: number): Promise<T | undefined> {
    const early = this.#arrived.get(port);
    if (early !== undefined) {
      this.#forget(port, early);
      return Promise.resolve(early.arrived);
    }
    const { promise, resolve } = Promise.withResolvers<T | undefined>();
    const settle = (arrived: T | undefined) => {
      clearTimeout(timer);
      this.#expected.delete(port);
      resolve(arrived);
    };
    const timer = setTimeout(settle, WAIT_MS, undefined);
    this.#expected.set(port, settle);
    return promise;
  }

  arrive(port: number, arrived: T): void {
    const expecting = this.#expected.get(port);
    if (expecting !== undefined) return expecting(arrived);
    // The port's former connection is gone, or it could not be used again.
    const former = this.#arrived.get(port);
    if (former !== undefined) this.#reject(port, former);
    const [oldest] = this.#arrived;
    if (this.#arrived.size >= STRANGERS_MAX && oldest !== undefined) this.#reject(...oldest);
    const timer = setTimeout(() => this.#reject(port, waiting), WAIT_MS);
    const waiting = { arrived, timer };
    this.#arrived.set(port, waiting);
  }

  /** Turns away who still waits. */
  clear(): void {
    for (const [port, waiting] of this.#arrived) this.#reject(port, waiting);
  }

  #reject(port: number, waiting: Waiting<T>): void {
    this.#forget(port, waiting);
    this.#turnAway(waiting.arrived);
  }

  #forget(port: number, { timer }: Waiting<T>): void {
    clearTimeout(timer);
    this.#arrived.delete(port);
  }
}
