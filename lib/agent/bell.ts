/**
 * A sleep that others may cut short: what is done from time to time is done at once when somebody rings.
 * @module
 */
import type { Clock } from "../runtime/clock.ts";

export class Bell {
  #rung = false;
  #sleeper: AbortController | undefined;

  /** Ends the sleep, or else the next one. */
  ring(): void {
    this.#rung = true;
    this.#sleeper?.abort();
  }

  /** Sleeps so long at most, and not beyond the signal; returns whether somebody rang. */
  async sleep(ms: number, { clock, signal }: { clock: Pick<Clock, "sleep">; signal: AbortSignal }): Promise<boolean> {
    if (!this.#rung) {
      const sleeper = new AbortController();
      this.#sleeper = sleeper;
      await clock.sleep(ms, { signal: AbortSignal.any([signal, sleeper.signal]) }).catch((error) => {
        if (!signal.aborted && !this.#rung) throw error;
      });
      this.#sleeper = undefined;
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
