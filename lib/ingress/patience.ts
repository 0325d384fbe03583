/**
 * Ends the wait for a replica's answer: when it is late, when the client has gone, or when the replica's node is lost.
 * One sweep looks at all requests that wait, so that none pays for a timer; and only those that wait from one sweep to
 * the next ask the runtime for their client's signal, which costs a tenth of a request and on which the runtime also
 * signals plain success.
 * @module
 */
import type { Endpoint } from "../cluster/endpoint.ts";
import type { Clock } from "../runtime/clock.ts";

/** Also how soon a client's leaving is heard of. 2.7 never tells of one that left before it was asked. */
const SWEEP_MS = 50;

/** A request that waits for the first byte of an answer. */
export interface Wait {
  readonly request: Request;
  readonly endpoint: Endpoint;
  readonly deadlineMs: number;
  /** What ends it: closes the connection that is waited for. */
  cut: () => void;
  /** How many sweeps have seen it. */
  sweeps: number;
  /** Its replica's node had missed a probe when it was looked at last. */
  suspect: boolean;
  /** Why the wait was ended from here. */
  ended?: Ended;
}

type Ended = "late" | "gone" | "lost";

export interface PatienceOptions {
  clock: Clock;
  limitMs: number;
  /** The endpoint as it is now; undefined once it is none any more. */
  current: (endpoint: Endpoint) => Endpoint | undefined;
}

export class Patience {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #current: PatienceOptions["current"];
  readonly #waits = new Set<Wait>();
  readonly #ending = new AbortController();
  #sweeping = false;

  constructor({ clock, limitMs, current }: PatienceOptions) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#current = current;
  }

  /** Begins a wait; say in `cut` what ends it. */
  begin(request: Request, endpoint: Endpoint): Wait {
    const deadlineMs = this.#clock.now() + this.#limitMs;
    const wait: Wait = { request, endpoint, deadlineMs, cut: () => {}, sweeps: 0, suspect: endpoint.suspect };
    this.#waits.add(wait);
    if (!this.#sweeping) void this.#sweep();
    return wait;
  }

  /** Ends a wait: the answer is there, or will never be. */
  end(wait: Wait): void {
    this.#waits.delete(wait);
  }

  /** Ends all waits. */
  dispose(): void {
    this.#ending.abort();
    for (const wait of this.#waits) this.#give(wait, "gone");
  }

  /** Runs while anybody waits. */
  async #sweep(): Promise<void> {
    this.#sweeping = true;
    const { signal } = this.#ending;
    try {
      while (this.#waits.size > 0 && !signal.aborted) {
        await this.#clock.sleep(Math.min(SWEEP_MS, this.#limitMs / 4), { signal });
        const nowMs = this.#clock.now();
        for (const wait of this.#waits) this.#look(wait, nowMs);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#sweeping = false;
    }
  }

  #look(wait: Wait, nowMs: number): void {
    const endpoint = this.#current(wait.endpoint);
    if (nowMs >= wait.deadlineMs) {
      this.#give(wait, "late");
    } else if (endpoint === undefined && wait.suspect) {
      // A replica that is withdrawn goes from a node that answers, and finishes what it has; from this one nothing comes.
      this.#give(wait, "lost");
    } else if (++wait.sweeps === 2) {
      // It was there before the last sweep already: this is no quick answer.
      wait.request.signal.addEventListener("abort", () => this.#give(wait, "gone"));
    }
    if (endpoint !== undefined) wait.suspect = endpoint.suspect;
  }

  /** Nothing happens to a wait that is over: the client's signal also comes after an answer. */
  #give(wait: Wait, ended: Ended): void {
    if (!this.#waits.delete(wait)) return;
    wait.ended = ended;
    wait.cut();
  }
}
