/**
 * The port to what the controller must not forget. A change is durable before `append` answers "committed"; commits
 * reach every watcher in the order of their revisions. `memory` and `sqlite` implement it, and one contract suite holds
 * for both.
 * @module
 */
import type { Change, Commit, Snapshot } from "../../cluster/record.ts";

/** How an append ended. Anything else that can happen is a failure of the store, and throws. */
export type Appended =
  | { kind: "committed"; revision: number }
  /** Somebody else wrote since `expectedRevision`: nothing was changed; plan anew from `revision`. */
  | { kind: "conflict"; revision: number }
  /** There is no space left: nothing was changed, and it may be tried again. */
  | { kind: "full" };

/** How a replacement ended. */
export type Replaced =
  /** The newest revision now, and the epoch that the next leader's will be larger than. */
  | { kind: "replaced"; epoch: number; revision: number }
  /** There is no space left: nothing was changed. */
  | { kind: "full" };

export interface AppendOptions {
  /** Commit only if this is still the newest revision. */
  expectedRevision?: number;
}

export interface Store extends AsyncDisposable {
  /** Everything kept, at one revision. */
  load(): Promise<Snapshot>;
  /** Commits all changes or none, under the next revision. Resolves once they are durable. */
  append(changes: readonly Change[], options?: AppendOptions): Promise<Appended>;
  /**
   * Puts these records, and the cluster that they are of, in the place of all that is kept, under an epoch and a revision
   * beyond both. Ends the leadership, with a `StoreReplacedError`: who leads has to read everything anew.
   */
  replace(snapshot: Snapshot): Promise<Replaced>;
  /** Calls the listener with each commit after this call, in order, once it is durable. */
  watch(listener: (commit: Commit) => void): Disposable;
  /** Waits for leadership and gives its epoch, which is larger than any before. `lost` aborts when it ends. */
  lead(): Promise<Leadership>;
}

export interface Leadership {
  epoch: number;
  lost: AbortSignal;
}
