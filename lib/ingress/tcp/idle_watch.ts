/**
 * Finds out that nothing has moved for too long, without a timer that every byte would set anew: the engine's sweep looks
 * at what has moved so far, several times within the limit. Pure: the time is an argument.
 * @module
 */
import type { Swept } from "../engine/deno/sweep.ts";

/** So many looks within the limit: what idles is found an eighth of it late at most, and one round of the sweep. */
const LOOKS = 8;

export interface IdleWatchOptions {
  readonly limitMs: number;
  /** A number that grows with whatever moves. */
  readonly progress: () => number;
  /** Called once, when it has not grown for that long. */
  readonly lapse: () => void;
}

export class IdleWatch implements Swept {
  readonly #options: IdleWatchOptions;
  #seen = -1;
  #sinceMs = 0;
  dueMs = Number.NEGATIVE_INFINITY;

  constructor(options: IdleWatchOptions) {
    this.#options = options;
  }

  due(nowMs: number): void {
    const { limitMs, progress, lapse } = this.#options;
    const now = progress();
    if (now !== this.#seen) {
      this.#seen = now;
      this.#sinceMs = nowMs;
    }
    const isOver = nowMs - this.#sinceMs >= limitMs;
    this.dueMs = isOver ? Number.POSITIVE_INFINITY : nowMs + limitMs / LOOKS;
    if (isOver) lapse();
  }
}
