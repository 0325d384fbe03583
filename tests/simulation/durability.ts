/**
 * What operators were promised: a write that was acknowledged is in the store until another one takes its place.
 * @module
 */
import { type Change, keyOf, keyOfChange, type StoreRecord } from "../../lib/cluster/record.ts";
import type { Ledger } from "./ledger.ts";

export class Durability {
  /** What each record was to say when it was last written by an operator. */
  readonly #promised = new Map<string, string>();

  acknowledged(changes: readonly Change[]): void {
    for (const change of changes) {
      this.#promised.set(keyOfChange(change), change.op === "delete" ? "" : gistOf(change.record));
    }
  }

  /** What is not as it was promised. */
  broken({ records }: Ledger): string[] {
    return [...this.#promised].flatMap(([key, promised]) => {
      const record = records.get(key)?.record;
      // A removed service goes altogether once its last replica has.
      if (record === undefined) return promised === "" || promised === REMOVED ? [] : [`${key} is gone`];
      return gistOf(record) === promised ? [] : [`${keyOf(record)} is ${gistOf(record)} and was to be ${promised}`];
    });
  }
}

const REMOVED = "removed";

/** What operators say in a record, and not what Muster adds to it. */
function gistOf(record: StoreRecord): string {
  if (record.type === "service") {
    return record.removed ? REMOVED : `generation ${record.generation}, scale ${record.desired}`;
  }
  return record.type === "node" ? `${record.url}, draining ${record.draining}` : JSON.stringify(record);
}
