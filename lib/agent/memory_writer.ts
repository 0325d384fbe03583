/**
 * Brings what is to be remembered to the disk, and tries again while that refuses. Only the newest memory matters: at
 * most one waits beside the one that is being written, however long the disk is full.
 * @module
 */
import { type Clock, pause } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import type { Memory } from "./session/effect.ts";

const log = getLog("executor");

/** Between tries to write on a disk that is full or gone. */
const RETRY_MS = 1_000;

export interface MemoryWriterOptions {
  clock: Clock;
  /** Returns once the memory is on the disk. */
  save: (memory: Memory) => Promise<void>;
  /** Aborted when nothing more is to be written; what is not on the disk by then never is. */
  signal: AbortSignal;
}

interface Unsaved {
  memory: Memory;
  saved: PromiseWithResolvers<void>;
}

export class MemoryWriter {
  readonly #options: MemoryWriterOptions;
  #next: Unsaved | undefined;
  #isWriting = false;
  #isPatient = true;

  constructor(options: MemoryWriterOptions) {
    this.#options = options;
  }

  /** Resolves once it, or a newer one that came before it was written, is on the disk. */
  remember(memory: Memory): Promise<void> {
    const saved = this.#next?.saved ?? Promise.withResolvers<void>();
    this.#next = { memory, saved };
    if (!this.#isWriting) this.#writeAll();
    return saved.promise;
  }

  /** From now on a refusal is final: whoever waits is told, by a rejection. */
  loseHope(): void {
    this.#isPatient = false;
  }

  async #writeAll(): Promise<void> {
    const { save, clock, signal } = this.#options;
    this.#isWriting = true;
    while (this.#next !== undefined && !signal.aborted) {
      const current = this.#next;
      this.#next = undefined;
      try {
        await save(current.memory);
        current.saved.resolve();
      } catch (error) {
        if (!this.#isPatient) {
          current.saved.reject(error);
          continue;
        }
        log.error("Cannot remember the orders: nothing is begun or stopped until that works", { error });
        this.#takeBack(current);
        await pause(clock, RETRY_MS, signal);
      }
    }
    this.#isWriting = false;
  }

  /** A newer one that came meanwhile stands for it as well. */
  #takeBack(unsaved: Unsaved): void {
    if (this.#next === undefined) this.#next = unsaved;
    else unsaved.saved.resolve(this.#next.saved.promise);
  }
}
