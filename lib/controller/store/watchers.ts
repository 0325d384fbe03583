/**
 * Who wants to hear of commits. Every home of the store keeps one list and tells it each commit once it is durable, in
 * the order of revisions.
 * @module
 */
import type { Commit } from "../../cluster/record.ts";

export type CommitListener = (commit: Commit) => void;

export class Watchers {
  readonly #entries = new Set<{ listener: CommitListener }>();

  add(listener: CommitListener): Disposable {
    // An entry of its own, so that a listener that watches twice is told twice and leaves once.
    const entry = { listener };
    this.#entries.add(entry);
    return { [Symbol.dispose]: () => void this.#entries.delete(entry) };
  }

  tell(commit: Commit): void {
    for (const { listener } of this.#entries) listener(commit);
  }
}
