/**
 * What an agent on a virtual host has to remember, and what it begins, ends or answers once that is so: `memory_writer`
 * and the half of `executor` that waits for it, over a disk that may be full.
 * @module
 */
import type { DurableEffect, Memory } from "../../lib/agent/session/effect.ts";

/** As in the memory writer. */
const RETRY_MS = 1_000;

export type Due = DurableEffect | { kind: "answer"; give: () => void };

export interface DiskQueueOptions {
  disk: { memory: Memory; full: boolean };
  later: (delayMs: number, run: () => void) => void;
  perform: (due: Due) => void;
  /** Whether the agent is still there. */
  isAlive: () => boolean;
}

export class DiskQueue {
  readonly #options: DiskQueueOptions;
  /** The newest of what the disk has refused so far. */
  #unsaved: Memory | undefined;
  #due: Due[] = [];
  /** The newest, if the disk has refused it for good. */
  #refused: Memory | undefined;
  #isPatient = true;

  constructor(options: DiskQueueOptions) {
    this.#options = options;
  }

  /** The disk refuses. */
  get waits(): boolean {
    return this.#unsaved !== undefined;
  }

  remember(memory: Memory): void {
    const isTrying = this.waits;
    this.#unsaved = memory;
    this.#refused = undefined;
    if (!isTrying) this.#save(memory);
  }

  /** Does it in its turn, which may be now. What could not be remembered is not answered. */
  add(due: Due): void {
    if (due.kind === "answer" && this.#refused !== undefined) return;
    this.#due.push(due);
    this.#flush();
  }

  /** From now on a refusal is final: what waits is done, but not answered. */
  loseHope(): void {
    this.#isPatient = false;
  }

  #save(memory: Memory): void {
    const { disk, later } = this.#options;
    if (!disk.full) disk.memory = memory;
    else if (this.#isPatient) return later(RETRY_MS, () => this.#save(this.#unsaved ?? memory));
    else {
      this.#refused = memory;
      this.#due = this.#due.filter(({ kind }) => kind !== "answer");
    }
    this.#unsaved = undefined;
    this.#flush();
  }

  #flush(): void {
    const { isAlive, perform } = this.#options;
    while (!this.waits && isAlive()) {
      const next = this.#due.shift();
      if (next === undefined) return;
      perform(next);
    }
  }
}
