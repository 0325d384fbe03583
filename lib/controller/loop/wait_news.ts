/**
 * Which waits are news: one that was not told yet. Where only a reason's details change, as numbers do, it is told again
 * once a minute at most, so that a service that waits for long does not push everything else out of the history.
 * @module
 */
import type { Happening } from "../../cluster/event.ts";
import type { Wait } from "../../plan/action.ts";

const REPEAT_MS = 60_000;

export class WaitNews {
  /** The waits that were told and still hold. */
  #told = new Set<string>();
  /** When something of the kind was told of a service last. */
  readonly #toldMs = new Map<string, number>();
  /** When to look for what is over there. */
  #forgetMs = 0;

  /** What to tell of these waits, which are all that there are now. */
  tell(waits: readonly Wait[], nowMs: number): Happening[] {
    this.#forget(nowMs);
    const told = new Set<string>();
    const news: Happening[] = [];
    for (const { service, slot, reason, kind } of waits) {
      const text = `${service} ${reason}`;
      if (kind !== "blocked" || this.#told.has(text) || told.has(text)) {
        told.add(text);
        continue;
      }
      const prefix = `${service} ${beginningOf(reason)}`;
      const toldMs = this.#toldMs.get(prefix);
      if (toldMs !== undefined && nowMs - toldMs < REPEAT_MS) continue;
      told.add(text);
      this.#toldMs.set(prefix, nowMs);
      news.push({ kind: "replica_waiting", severity: "warn", text: `${service}.${slot} waits: ${reason}`, service });
    }
    this.#told = told;
    return news;
  }

  #forget(nowMs: number): void {
    if (nowMs < this.#forgetMs) return;
    this.#forgetMs = nowMs + REPEAT_MS;
    for (const [kind, atMs] of this.#toldMs) if (nowMs - atMs >= REPEAT_MS) this.#toldMs.delete(kind);
  }
}

/** What a reason begins with, up to where its details do. */
function beginningOf(reason: string): string {
  return (/^[^:;,(]*/.exec(reason)?.[0] ?? "").replaceAll(/\b\d+\b/g, "#");
}
