/**
 * What operators were promised: a write that was acknowledged is in the store until another one takes its place.
 * @module
 */
import { type Change, keyOf, keyOfChange, type StoreRecord } from "../../lib/cluster/record.ts";
import type { ServiceRecord } from "../../lib/cluster/service_record.ts";
import type { Ledger } from "./ledger.ts";
import { OPERATOR } from "./releases.ts";

export class Durability {
  /** What each record was to say when it was last written by an operator. */
  readonly #promised = new Map<string, string>();

  acknowledged(changes: readonly Change[]): void {
    for (const change of changes) {
      // How far a rollout has come is Muster's own.
      if (change.op === "put" && change.record.type === "rollout") continue;
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
    return record.removed ? REMOVED : `generation ${askedFor(record)}, scale ${record.desired}`;
  }
  return record.type === "node" ? `${record.url}, draining ${record.draining}` : JSON.stringify(record);
}

/** The last generation that somebody asked for: going back from what failed is Muster's own. */
function askedFor({ generation, cause, by, history }: ServiceRecord): number {
  const generations = [...history, { generation, cause, by }];
  return generations.findLast((one) => one.cause !== "rollback" || one.by === OPERATOR)?.generation ?? generation;
}
