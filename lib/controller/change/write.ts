/**
 * How every write is done: drafted from the state, committed if the state is still that one, drafted anew if not, and
 * finished once it is durable and the state shows it. Knows of no request: the API answers calls by it, and so are files
 * kept applied.
 * @module
 */
import type { Change } from "../../cluster/record.ts";
import type { ClusterState } from "../../cluster/state.ts";
import { StoreBusyError } from "../store/failure.ts";
import type { ApiContext } from "../api/context.ts";

const ATTEMPTS_MAX = 50;
const WRITES_WAITING_MAX = 1_000;
/** The state follows a commit at once; this is for a store that lies behind a network. */
const STATE_WAIT_MS = 5_000;

/** What a write needs of the controller. */
export type Writer = Pick<ApiContext, "state" | "store" | "until" | "writes">;

/** What would be changed, and what came of the write then. */
export interface Drafted<T> {
  changes: Change[];
  value: T;
}

export type Written<T> =
  | { kind: "written"; value: T }
  /** There is no space left for the store. */
  | { kind: "full" }
  | { kind: "busy"; detail: string };

/** Performs a write. `draft` is told the revision under which it will be committed; without changes nothing is. */
export function write<T>(
  writer: Writer,
  draft: (state: ClusterState, revision: number) => Drafted<T>,
): Promise<Written<T>> {
  if (writer.writes.waiting >= WRITES_WAITING_MAX) {
    return Promise.resolve({ kind: "busy", detail: "too many writes are waiting" });
  }
  return writer.writes.pass(() => attempt(writer, draft));
}

async function attempt<T>(
  { state, store, until }: Writer,
  draft: (state: ClusterState, revision: number) => Drafted<T>,
): Promise<Written<T>> {
  for (let attempts = 0; attempts < ATTEMPTS_MAX; attempts++) {
    const expectedRevision = state.revision;
    const { changes, value } = draft(state, expectedRevision + 1);
    if (changes.length === 0) return { kind: "written", value };
    try {
      const outcome = await store.append(changes, { expectedRevision });
      if (outcome.kind === "full") return { kind: "full" };
      await until(() => state.revision >= outcome.revision, STATE_WAIT_MS);
      if (outcome.kind === "committed") return { kind: "written", value };
    } catch (error) {
      if (error instanceof StoreBusyError) return { kind: "busy", detail: error.message };
      throw error;
    }
  }
  return { kind: "busy", detail: "the state changes faster than this write could be made" };
}
