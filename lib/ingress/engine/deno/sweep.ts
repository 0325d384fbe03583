/**
 * Deadlines for many connections by one timer: every connection says when it is due, and a sweep several times a second
 * looks for those that are. A timer for each request would cost more than the request.
 * @module
 */

/** Deadlines are met with this delay at most. */
const SWEEP_MS = 200;

/** What is looked at by every sweep. */
export interface Swept {
  /** When something is to be done, as far as it is known; `Infinity` when nothing is. */
  readonly dueMs: number;
  /** Called by the first sweep after that. */
  due(nowMs: number): void;
}

export class Sweep {
  readonly #now: () => number;
  readonly #members = new Set<Swept>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(member: Swept): void {
    this.#members.add(member);
    this.#timer ??= setInterval(() => this.#look(), SWEEP_MS);
  }

  delete(member: Swept): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const nowMs = this.#now();
    for (const member of this.#members) if (nowMs >= member.dueMs) member.due(nowMs);
  }
}
