/**
 * Drives the session on a real host: hands it what happens, performs what it wants, and wakes it when time alone changes
 * something. Nothing is begun or stopped before what was to be remembered until then is on the disk; what only looks and
 * tells goes on meanwhile, so that an agent whose disk is full is not taken for one that is gone.
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import type { OrdersReply } from "../wire/protocol.ts";
import {
  type DurableEffect,
  type Memory,
  type SessionEffect,
  type SessionInput,
  waitsForMemory,
} from "./session/effect.ts";
import type { Feed } from "./feed.ts";
import type { Leases } from "./session/isolation.ts";
import type { Instances } from "./process/instances.ts";
import { MemoryWriter } from "./memory_writer.ts";
import type { Session } from "./session/session.ts";

const log = getLog("executor");

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
  readonly #writer: MemoryWriter;
  /** Until what was wanted last is remembered, kept, and done after that. */
  #remembered: Promise<void> = Promise.resolve();
  #kept: Promise<void> = Promise.resolve();
  #done: Promise<void> = Promise.resolve();
  #wake: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#writer = new MemoryWriter(options);
    options.signal.addEventListener("abort", () => clearTimeout(this.#wake), { once: true });
  }

  /** Resolves when the session has said goodbye. */
  get goodbye(): Promise<"drained" | "left"> {
    return this.#goodbye.promise;
  }

  /** Gives the session an input; resolves when what it wanted is remembered and begun. */
  async take(input: SessionInput): Promise<OrdersReply | undefined> {
    const { session, clock } = this.#options;
    const { effects, reply } = session.handle(input, clock.now(), new Date(clock.wall()).toISOString());
    // What is stopped because its agent goes is stopped whatever the next one will remember.
    if (input.kind === "leave" && input.replicas === "drained") this.#writer.loseHope();
    let remembered: Promise<void> | undefined;
    const later: DurableEffect[] = [];
    for (const effect of effects) {
      if (effect.kind === "remember") {
        remembered = this.#writer.remember(effect.memory);
        this.#remembered = remembered.catch((error) => log.warn("Went on without remembering the orders", { error }));
      } else if (effect.kind === "keep") this.#keep(effect.leases);
      else if (waitsForMemory(effect)) later.push(effect);
      else this.#performAtOnce(effect);
    }
    this.#planWake();
    if (later.length > 0) await this.#performLater(later);
    await remembered;
    return reply;
  }

  /** As `take`, for inputs whose sender waits for nothing. */
  report(input: SessionInput): void {
    this.take(input).catch((error) => log.error("Cannot handle an input", { input: input.kind, error }));
  }

  #performAtOnce(effect: Exclude<SessionEffect, DurableEffect | { kind: "remember" | "keep" }>): void {
    const { instances, feed } = this.#options;
    switch (effect.kind) {
      case "probe":
        return instances.probe(effect);
      case "read_last_words":
        return instances.readLastWords(effect);
      case "observe":
        return feed.tell({ kind: "observation", observation: effect.observation });
      case "say_leaving":
        return feed.tell({ kind: "leaving" });
      case "goodbye":
        return this.#goodbye.resolve(effect.replicas);
      default:
        effect satisfies never;
    }
  }

  /** In the order wanted, once all that was to be remembered and kept before is. */
  #performLater(effects: readonly DurableEffect[]): Promise<void> {
    const done = Promise.all([this.#done, this.#kept, this.#remembered]).then(() => {
      if (this.#options.signal.aborted) return;
      for (const effect of effects) this.#perform(effect);
    });
    // A failure is its own input's: it keeps nothing of what comes later from being done.
    this.#done = done.catch(() => undefined);
    return done;
  }

  #perform(effect: DurableEffect): void {
    const { instances, feed } = this.#options;
    switch (effect.kind) {
      case "spawn":
        return instances.spawn(effect);
      case "signal":
        return instances.signal(effect);
      case "stop_command":
        return instances.stopCommand(effect);
      case "gone":
        instances.forget(effect.replica);
        return feed.tell({ kind: "gone", replica: effect.replica });
      default:
        effect satisfies never;
    }
  }

  #keep(leases: Leases): void {
    const { keep } = this.#options;
    this.#kept = this.#kept.then(() => keep(leases)).catch((error) => log.error("Cannot keep leases", { error }));
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
