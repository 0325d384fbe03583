/**
 * Which port a replica gets. A port that one replica had is given to no other for a while, so that a request that is
 * still on its way to the old one never reaches the new one.
 * @module
 */
import { intBetween, type Random } from "../../runtime/random.ts";

const REUSE_AFTER_MS = 300_000;
const PICKS_MAX = 64;

interface Use {
  replica: string;
  /** Until when no other replica may have it; undefined while it is in use. */
  untilMs: number | undefined;
}

export class PortBook {
  readonly #range: { from: number; to: number };
  readonly #random: Random;
  readonly #uses = new Map<number, Use>();

  constructor(range: { from: number; to: number }, random: Random) {
    this.#range = range;
    this.#random = random;
  }

  /** A port for the replica, or undefined when none was found free of other replicas' claims; none of `except`. */
  take(replica: string, { nowMs, except }: { nowMs: number; except: readonly number[] }): number | undefined {
    for (let pick = 0; pick < PICKS_MAX; pick++) {
      const port = intBetween(this.#random, { min: this.#range.from, max: this.#range.to });
      if (!except.includes(port) && !this.#claimedByAnother(port, replica, nowMs)) {
        this.keep(port, replica);
        return port;
      }
    }
    return undefined;
  }

  /** Gives the replica the port that it asks for; false while another one of this agent's has it. */
  claim(port: number, replica: string): boolean {
    const use = this.#uses.get(port);
    if (use !== undefined && use.replica !== replica && use.untilMs === undefined) return false;
    this.keep(port, replica);
    return true;
  }

  /** Notes that the replica has this port. */
  keep(port: number, replica: string): void {
    this.#uses.set(port, { replica, untilMs: undefined });
  }

  /** Ends the replica's use of a port; the quarantine starts now. */
  release(port: number, nowMs: number): void {
    const use = this.#uses.get(port);
    if (use !== undefined) use.untilMs = nowMs + REUSE_AFTER_MS;
    for (const [other, { untilMs }] of this.#uses) {
      if (untilMs !== undefined && untilMs <= nowMs) this.#uses.delete(other);
    }
  }

  #claimedByAnother(port: number, replica: string, nowMs: number): boolean {
    const use = this.#uses.get(port);
    if (use === undefined || use.replica === replica) return false;
    return use.untilMs === undefined || use.untilMs > nowMs;
  }
}
