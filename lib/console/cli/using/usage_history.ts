/**
 * What was used in the last minute, as far as `top` has seen it: a figure a second for each node and replica.
 * @module
 */
import type { UsageView } from "../../../wire/usage.ts";

const SAMPLES_MAX = 60;

export class UsageHistory {
  #samples = new Map<string, (number | null)[]>();

  /** Takes in what is used now, and forgets what is no longer there. */
  add({ nodes, replicas }: UsageView): void {
    const next = new Map<string, (number | null)[]>();
    for (const { id, cpu } of [...nodes, ...replicas]) {
      next.set(id, [...this.of(id), cpu].slice(-SAMPLES_MAX));
    }
    this.#samples = next;
  }

  /** The cores that it used, the newest last. */
  of(id: string): readonly (number | null)[] {
    return this.#samples.get(id) ?? [];
  }
}
