/**
 * How fast the other side of a socket is while one waits for it: a client that sends or takes a byte a second keeps its
 * connection, and what stands behind it, for ever. Only the time spent waiting for it counts. Pure: times are arguments.
 * @module
 */

export interface PaceLimit {
  bytesPerSecondMin: number;
  /** Below that on average over this time, it is too slow. */
  slowMs: number;
}

export class Pace {
  #sinceMs: number | undefined;
  #waitedMs = 0;
  #bytes = 0;

  /** The wait for the other side begins. */
  begin(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  /** It has sent, or taken, so many bytes. */
  end(nowMs: number, bytes: number): void {
    this.#waitedMs += nowMs - (this.#sinceMs ?? nowMs);
    this.#sinceMs = undefined;
    this.#bytes += bytes;
  }

  /** Whether it is too slow; a look that finds it quick enough begins anew, so that the past excuses nothing. */
  isSlow(nowMs: number, { bytesPerSecondMin, slowMs }: PaceLimit): boolean {
    const waitedMs = this.#waitedMs + (nowMs - (this.#sinceMs ?? nowMs));
    if (waitedMs < slowMs) return false;
    if (this.#bytes < bytesPerSecondMin * waitedMs / 1_000) return true;
    this.#waitedMs = 0;
    this.#bytes = 0;
    if (this.#sinceMs !== undefined) this.#sinceMs = nowMs;
    return false;
  }
}
