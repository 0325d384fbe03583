/**
 * Virtual time: a heap of steps ordered by time and then by the order in which they were planned, so that a run is the
 * same each time. Nothing in the simulation waits; time jumps from step to step.
 * @module
 */

/** More steps than can be due at one moment, unless something wakes itself again and again. */
const STILL_MAX = 100_000;
const START_MS = Date.UTC(2030, 0, 1);

interface Step {
  atMs: number;
  order: number;
  run: () => void;
}

export class Timeline {
  readonly #steps: Step[] = [];
  #nowMs = 0;
  #order = 0;
  #taken = 0;
  #still = 0;
  #wall = { atMs: NaN, text: "" };

  get nowMs(): number {
    return this.#nowMs;
  }

  /** The virtual time of day, RFC 3339. */
  get wall(): string {
    if (this.#wall.atMs !== this.#nowMs) {
      this.#wall = { atMs: this.#nowMs, text: new Date(START_MS + this.#nowMs).toISOString() };
    }
    return this.#wall.text;
  }

  get taken(): number {
    return this.#taken;
  }

  after(delayMs: number, run: () => void): void {
    const step = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run };
    const steps = this.#steps;
    let at = steps.push(step) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(steps[at]!, steps[parent]!)) return;
      [steps[at], steps[parent]] = [steps[parent]!, steps[at]!];
      at = parent;
    }
  }

  /** Takes all steps up to a time. */
  runUntil(untilMs: number): void {
    while (this.#steps.length > 0 && this.#steps[0]!.atMs <= untilMs) {
      const step = this.#pop();
      this.#still = step.atMs > this.#nowMs ? 0 : this.#still + 1;
      if (this.#still > STILL_MAX) {
        throw new Error(`Time stands still at ${this.#nowMs} ms: something wakes itself for ever`);
      }
      this.#nowMs = step.atMs;
      this.#taken += 1;
      step.run();
    }
    this.#nowMs = untilMs;
  }

  #pop(): Step {
    const steps = this.#steps;
    const top = steps[0]!;
    const last = steps.pop()!;
    if (steps.length === 0) return top;
    steps[0] = last;
    let at = 0;
    while (true) {
      const left = 2 * at + 1;
      let least = at;
      if (left < steps.length && before(steps[left]!, steps[least]!)) least = left;
      if (left + 1 < steps.length && before(steps[left + 1]!, steps[least]!)) least = left + 1;
      if (least === at) return top;
      [steps[at], steps[least]] = [steps[least]!, steps[at]!];
      at = least;
    }
  }
}

function before(a: Step, b: Step): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
