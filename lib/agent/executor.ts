/**
 * Drives the session on a real host: hands it what happens, performs what it wants in the order wanted, and wakes it
 * when time alone changes something. What it wants remembered is on the disk before anything that follows is done.
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import type { OrdersReply } from "../wire/protocol.ts";
import type { Memory, SessionEffect, SessionInput } from "./effect.ts";
import type { Feed } from "./feed.ts";
import type { Leases } from "./isolation.ts";
import type { Instances } from "./instances.ts";
import type { Session } from "./session.ts";

const log = getLog("executor");

/** Between tries to write on a disk that is full or gone. */
const REMEMBER_RETRY_MS = 1_000;
const WAKE_MAX_MS = 60_000;

export interface ExecutorOptions {
  session: Session;
  /** Made with the way back to this executor. */
  instances: Instances;
  feed: Feed;
  clock: Clock;
  /** Returns once the memory is on the disk. */
  save: (memory: Memory) => Promise<void>;
  /** Returns once the keeper goes by them. */
  keep: (leases: Leases) => Promise<void>;
  /** Aborted when nothing more is to be done, written or waited for. */
  signal: AbortSignal;
}

export class Executor {
  readonly #options: ExecutorOptions;
  readonly #goodbye = Promise.withResolvers<"drained" | "left">();
  /** The last effects that are performed or wait for it. */
  #lastEffects: Promise<void> = Promise.resolve();
  #wake: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => clearTimeout(this.#wake), { once: true });
  }

  /** Resolves when the session has said goodbye. */
  get goodbye(): Promise<"drained" | "left"> {
    return this.#goodbye.promise;
  }

  /** Gives the session an input; resolves when what it wanted first of all, to be remembered, is so. */
  async take(input: SessionInput): Promise<OrdersReply | undefined> {
    const { session, clock } = this.#options;
    const { effects, reply } = session.handle(input, clock.now(), new Date(clock.wall()).toISOString());
    const done = this.#lastEffects.then(() => this.#performAll(effects));
    // A failure is its own input's: it keeps nothing of what comes later from being done.
    this.#lastEffects = done.catch(() => undefined);
    this.#planWake();
    await done;
    return reply;
  }

  /** As `take`, for inputs whose sender waits for nothing. */
  report(input: SessionInput): void {
    this.take(input).catch((error) => log.error("Cannot handle an input", { input: input.kind, error }));
  }

  async #performAll(effects: readonly SessionEffect[]): Promise<void> {
    for (const effect of effects) {
      if (effect.kind === "remember") await this.#remember(effect.memory);
      else if (effect.kind === "keep") await this.#options.keep(effect.leases);
      else this.#perform(effect);
    }
  }

  #perform(effect: Exclude<SessionEffect, { kind: "remember" | "keep" }>): void {
    const { instances, feed } = this.#options;
    switch (effect.kind) {
      case "spawn":
        return instances.spawn(effect);
      case "signal":
        return instances.signal(effect);
      case "probe":
        return instances.probe(effect);
      case "stop_command":
        return instances.stopCommand(effect);
      case "read_last_words":
        return instances.readLastWords(effect);
      case "observe":
        return feed.tell({ kind: "observation", observation: effect.observation });
      case "gone":
        instances.forget(effect.replica);
        return feed.tell({ kind: "gone", replica: effect.replica });
      case "say_leaving":
        return feed.tell({ kind: "leaving" });
      case "goodbye":
        return this.#goodbye.resolve(effect.replicas);
      default:
        effect satisfies never;
    }
  }

  /** Nothing that depends on it may happen before: a disk that refuses is tried until it takes it. */
  async #remember(memory: Memory): Promise<void> {
    const { save, clock, signal } = this.#options;
    while (!signal.aborted) {
      try {
        return await save(memory);
      } catch (error) {
        log.error("Cannot remember the orders: nothing is begun or stopped until that works", { error });
      }
      await clock.sleep(REMEMBER_RETRY_MS, { signal });
    }
  }

  #planWake(): void {
    const { session, clock, signal } = this.#options;
    clearTimeout(this.#wake);
    const atMs = session.nextWakeMs();
    if (atMs === undefined || signal.aborted) return;
    // A timer may fire a little early; a whole millisecond later is never too early.
    const waitMs = Math.min(Math.max(0, Math.ceil(atMs - clock.now())), WAKE_MAX_MS);
    this.#wake = setTimeout(() => this.report({ kind: "tick" }), waitMs);
  }
}
