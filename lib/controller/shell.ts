/**
 * Drives the loop with the real world: performs its effects and feeds back what came of them, lets it decide once for
 * all inputs of a turn, and gives it the time. The store's commits reach the loop by `watch`, its own like everybody
 * else's. A store that fails, or leadership that ends, ends the controller: nothing may be decided on memory alone.
 * @module
 */
import { setImmediate } from "node:timers";
import type { Endpoint } from "../cluster/endpoint.ts";
import type { Happening } from "../cluster/event.ts";
import type { Commit, Snapshot } from "../cluster/record.ts";
import type { Clock } from "../runtime/clock.ts";
import { StoreBusyError } from "./store/failure.ts";
import type { CommitOutcome, LoopEffect, LoopInput } from "./loop/effect.ts";
import type { Loop } from "./loop/loop.ts";
import type { Leadership, Store } from "./store/store.ts";

const TICK_MAX_MS = 200;
/** The loop takes a longer silence of its own shell for a pause, so that it is to hear of time well within an interval. */
const TICKS_PER_INTERVAL = 4;
/** After a decision that took longer there is a rest as long as itself, so that requests are answered meanwhile. */
const DECISION_USUAL_MS = 1;

type FleetEffect = Extract<LoopEffect, { kind: "probe" | "open_stream" | "close_stream" | "send_orders" }>;

export interface ShellOptions {
  loop: Loop;
  store: Store;
  clock: Clock;
  healthIntervalMs: number;
  fleet: { perform(effect: FleetEffect): void };
  onHappened: (happening: Happening) => void;
  onEndpoints: (service: string, endpoints: Endpoint[]) => void;
  onCommit?: (commit: Commit) => void;
  /** How long one of the loop's commits took, and how it ended. */
  onCommitted?: (tookMs: number, outcome: CommitOutcome["kind"]) => void;
}

/** What a start found in the store. */
export interface Loaded {
  snapshot: Snapshot;
  leadership: Leadership;
}

export class Shell {
  readonly #options: ShellOptions;
  readonly #failed = Promise.withResolvers<never>();
  readonly #ending = new AbortController();
  readonly #waiting = new Set<Waiting>();
  #watch: Disposable | undefined;
  #decisionDue = false;
  #decisions = 0;
  #restUntilMs = -Infinity;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ShellOptions) {
    this.#options = options;
    // Whoever doesn't wait for `failed` must not bring the process down by that.
    this.#failed.promise.catch(() => {});
  }

  /** Rejects when the controller can't go on. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** How many plans were made. */
  get decisions(): number {
    return this.#decisions;
  }

  /** Takes over what the store holds and begins to drive the loop. */
  start({ snapshot, leadership }: Loaded): void {
    this.#watch = this.#options.store.watch((commit) => this.#committed(commit));
    this.report({ kind: "loaded", snapshot, epoch: leadership.epoch });
    leadership.lost.addEventListener("abort", () => this.#fail(leadership.lost.reason), {
      signal: this.#ending.signal,
    });
    this.#tick();
  }

  /** Takes an input in. Decisions follow in the next turn, once for all inputs until then. */
  report(input: LoopInput): void {
    if (this.#ending.signal.aborted) return;
    const { loop, clock } = this.#options;
    this.#perform(loop.handle(input, clock.now()));
    this.#wake();
    if (this.#decisionDue) return;
    this.#decisionDue = true;
    const restMs = this.#restUntilMs - clock.now();
    if (restMs <= 0) setImmediate(() => this.#decide());
    else this.#resting = setTimeout(() => this.#decide(), restMs);
  }

  /** Resolves when the condition holds, or after the time given. */
  until(condition: () => boolean, waitMs: number): Promise<void> {
    if (condition()) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting: Waiting = {
      condition,
      end: () => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        resolve();
      },
    };
    const timer = setTimeout(() => waiting.end(), waitMs);
    this.#waiting.add(waiting);
    return promise;
  }

  /** Takes no more inputs. */
  stop(): void {
    this.#ending.abort();
    clearTimeout(this.#resting);
    this.#watch?.[Symbol.dispose]();
    for (const waiting of this.#waiting) waiting.end();
  }

  #committed(commit: Commit): void {
    this.#options.onCommit?.(commit);
    this.report({ kind: "committed", commit });
  }

  #decide(): void {
    this.#decisionDue = false;
    if (this.#ending.signal.aborted) return;
    this.#decisions += 1;
    const { loop, clock } = this.#options;
    const sinceMs = clock.now();
    this.#perform(loop.decide(sinceMs, new Date(clock.wall()).toISOString()));
    const untilMs = clock.now();
    const tookMs = untilMs - sinceMs;
    this.#restUntilMs = tookMs > DECISION_USUAL_MS ? untilMs + tookMs : -Infinity;
  }

  #perform(effects: LoopEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === "commit") this.#commit(effect);
      else if (effect.kind === "happened") this.#options.onHappened(effect.happening);
      else if (effect.kind === "endpoints") this.#options.onEndpoints(effect.service, effect.endpoints);
      else this.#options.fleet.perform(effect);
    }
  }

  #commit({ changes, expectedRevision }: Extract<LoopEffect, { kind: "commit" }>): void {
    const { store, clock } = this.#options;
    const sinceMs = clock.now();
    const ended = (outcome: CommitOutcome) => {
      this.#options.onCommitted?.(clock.now() - sinceMs, outcome.kind);
      this.report({ kind: "commit_ended", outcome });
    };
    store.append(changes, { expectedRevision }).then(ended, (error) => {
      // That too much is waiting is no failure: nothing was changed, and the loop tries again.
      if (error instanceof StoreBusyError) ended({ kind: "busy" });
      else this.#fail(error);
    });
  }

  async #tick(): Promise<void> {
    const { signal } = this.#ending;
    const tickMs = Math.min(TICK_MAX_MS, this.#options.healthIntervalMs / TICKS_PER_INTERVAL);
    while (!signal.aborted) {
      try {
        await this.#options.clock.sleep(tickMs, { signal });
      } catch (error) {
        if (!signal.aborted) throw error;
        return;
      }
      this.report({ kind: "tick" });
    }
  }

  #wake(): void {
    for (const waiting of this.#waiting) if (waiting.condition()) waiting.end();
  }

  #fail(reason: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.stop();
    this.#failed.reject(reason);
  }
}

interface Waiting {
  condition: () => boolean;
  end: () => void;
}
