/**
 * The last look at what is about to be kept. A record that could be written but not read again would keep the next
 * controller from starting, so each is parsed on its way in as it will be on its way out; that costs about 1.5 µs, and
 * gives the store a copy that nobody else can change.
 * @module
 */
import { type Change, put, StoreRecord } from "../../cluster/record.ts";

/** The changes as they will be read again. Throws when a record is not what its schema says. */
export function checkedChanges(changes: readonly Change[]): Change[] {
  return changes.map((change) => change.op === "put" ? put(StoreRecord.parse(change.record)) : { ...change });
}
