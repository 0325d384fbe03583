/**
 * Which streams ended lately, and how. What still comes of a stream that was reset here was sent before the peer knew,
 * and is ignored; what comes after its own end is a mistake. Of streams long gone nothing is remembered.
 * @module
 */

/** Streams of either kind that are remembered. */
const REMEMBERED_MAX = 128;

export class ClosedStreams {
  /** Made when they are needed: most connections reset nothing. */
  #resetHere: number[] | undefined;
  #ended: number[] = [];

  resetHere(stream: number): void {
    remember(this.#resetHere ??= [], stream);
  }

  ended(stream: number): void {
    remember(this.#ended, stream);
  }

  has(stream: number): boolean {
    return this.hasEnded(stream) || this.wasResetHere(stream);
  }

  wasResetHere(stream: number): boolean {
    return this.#resetHere?.includes(stream) ?? false;
  }

  hasEnded(stream: number): boolean {
    return this.#ended.includes(stream);
  }
}

function remember(streams: number[], stream: number): void {
  streams.push(stream);
  // In halves: moving all along for each new one would cost more than it saves.
  if (streams.length > REMEMBERED_MAX) streams.splice(0, REMEMBERED_MAX / 2);
}
