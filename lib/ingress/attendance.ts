/**
 * Who wants to know when a replica goes: whatever holds connections to it, or waits for an answer of it. Pure.
 * @module
 */

/**
 * Told how a replica went: `lost` with its node, which closes no connection and sends no more of an answer, or
 * `withdrawn` from one that answers, where it finishes what it has.
 */
export type OnGone = (how: "lost" | "withdrawn") => void;

export class Attendance {
  readonly #attended = new Map<string, Set<OnGone>>();
  readonly #leaving = new Map<string, PromiseWithResolvers<void>>();

  /** Calls `onGone` whenever the replica is an endpoint no more. Returns what ends the watch. */
  attend(replica: string, onGone: OnGone): () => void {
    const attended = this.#attended.get(replica) ?? new Set();
    this.#attended.set(replica, attended.add(onGone));
    return () => {
      attended.delete(onGone);
      if (attended.size > 0 || this.#attended.get(replica) !== attended) return;
      this.#attended.delete(replica);
      this.#leaving.get(replica)?.resolve();
      this.#leaving.delete(replica);
    };
  }

  /** Resolves once nobody has anything to do with the replica any more. */
  left(replica: string): Promise<void> {
    if (!this.#attended.has(replica)) return Promise.resolve();
    const leaving = this.#leaving.get(replica) ?? Promise.withResolvers<void>();
    this.#leaving.set(replica, leaving);
    return leaving.promise;
  }

  tell(replica: string, how: "lost" | "withdrawn"): void {
    for (const onGone of this.#attended.get(replica) ?? []) onGone(how);
  }
}
