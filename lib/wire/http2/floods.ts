/**
 * What a peer does too much of, seen over time: streams opened only to be reset (or spoiled, so that we reset them), and
 * frames that carry no message. Whoever is within the budgets never notices them.
 * @module
 */

import { Allowance } from "./allowance.ts";
import { type Fault, tooMuch } from "./error_code.ts";
import type { Limits } from "./limits.ts";

/** A DATA frame of ours lets a peer say so much in return: windows, and pings that measure its bandwidth. */
const CHATTER_PER_DATA_FRAME = 10;

export class Floods {
  readonly #resets: Allowance;
  readonly #chatter: Allowance;
  #dataFramesSeen = 0;

  constructor({ resets, chatter }: Limits) {
    this.#resets = new Allowance(resets);
    this.#chatter = new Allowance(chatter);
  }

  /** A stream was reset by the peer, or through its fault. */
  reset(nowMs: number): Fault | undefined {
    return this.#resets.take(nowMs) ? undefined : tooMuch("too many streams are reset");
  }

  /** A frame came that carries no message; `dataFrames` is how many of ours have been written so far. */
  chat(nowMs: number, dataFrames: number): Fault | undefined {
    this.#chatter.earn((dataFrames - this.#dataFramesSeen) * CHATTER_PER_DATA_FRAME);
    this.#dataFramesSeen = dataFrames;
    return this.#chatter.take(nowMs) ? undefined : tooMuch("too many frames that carry no message");
  }
}
