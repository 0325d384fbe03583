/**
 * One effect per `Idempotency-Key`: which keys were used, for what, and what was answered. A receipt is committed in the
 * transaction of its effect, so that it is there exactly when the effect is; the oldest ones go in the same transaction.
 * @module
 */
import { type Change, type Commit, put, type ReceiptRecord, remove, type Snapshot } from "../cluster/record.ts";

export const RECEIPTS_MAX = 10_000;
const KEY_PREFIX = "receipt/";

export class Receipts {
  /** In the order of their commits: the first is the oldest. */
  readonly #receipts = new Map<string, ReceiptRecord>();

  load(snapshot: Snapshot): void {
    const stored = snapshot.records.toSorted((a, b) => a.revision - b.revision);
    for (const { record } of stored) if (record.type === "receipt") this.#receipts.set(record.id, record);
  }

  follow(commit: Commit): void {
    for (const change of commit.changes) {
      if (change.op === "put" && change.record.type === "receipt") this.#receipts.set(change.record.id, change.record);
      if (change.op === "delete" && change.key.startsWith(KEY_PREFIX)) {
        this.#receipts.delete(change.key.slice(KEY_PREFIX.length));
      }
    }
  }

  find(key: string): ReceiptRecord | undefined {
    return this.#receipts.get(key);
  }

  /** The changes that keep a receipt, and let go of the oldest when there are too many. */
  changesFor(receipt: ReceiptRecord): Change[] {
    const surplus = Math.max(0, this.#receipts.size + 1 - RECEIPTS_MAX);
    const oldest = this.#receipts.values().take(surplus).map((record) => remove(record));
    return [...oldest, put(receipt)];
  }
}
