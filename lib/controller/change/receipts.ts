/**
 * One effect per `Idempotency-Key`: which keys were used, for what, and what was answered. A receipt is committed in the
 * transaction of its effect, so that it is there exactly when the effect is; the oldest ones go in the same transaction.
 * @module
 */
import { Buffer } from "node:buffer";
import { type Change, type Commit, put, type ReceiptRecord, remove, type Snapshot } from "../../cluster/record.ts";

export const RECEIPTS_MAX = 10_000;
/** Of all answers that are kept together: some of them are as large as a spec may be. */
export const RECEIPT_BYTES_MAX = 16 * 1_024 * 1_024;
const KEY_PREFIX = "receipt/";

export class Receipts {
  /** In the order of their commits: the first is the oldest. */
  readonly #receipts = new Map<string, ReceiptRecord>();
  #bytes = 0;

  load(snapshot: Snapshot): void {
    const stored = snapshot.records.toSorted((a, b) => a.revision - b.revision);
    for (const { record } of stored) if (record.type === "receipt") this.#keep(record);
  }

  follow(commit: Commit): void {
    for (const change of commit.changes) {
      if (change.op === "put" && change.record.type === "receipt") this.#keep(change.record);
      if (change.op === "delete" && change.key.startsWith(KEY_PREFIX)) this.#drop(change.key.slice(KEY_PREFIX.length));
    }
  }

  find(key: string): ReceiptRecord | undefined {
    return this.#receipts.get(key);
  }

  /** The changes that keep a receipt, and let go of the oldest when there are too many. */
  changesFor(receipt: ReceiptRecord): Change[] {
    const changes: Change[] = [];
    let count = this.#receipts.size + 1;
    let bytes = this.#bytes + bytesOf(receipt);
    for (const oldest of this.#receipts.values()) {
      if (count <= RECEIPTS_MAX && bytes <= RECEIPT_BYTES_MAX) break;
      changes.push(remove(oldest));
      count -= 1;
      bytes -= bytesOf(oldest);
    }
    return [...changes, put(receipt)];
  }

  #keep(receipt: ReceiptRecord): void {
    this.#drop(receipt.id);
    this.#receipts.set(receipt.id, receipt);
    this.#bytes += bytesOf(receipt);
  }

  #drop(key: string): void {
    const receipt = this.#receipts.get(key);
    if (receipt === undefined) return;
    this.#receipts.delete(key);
    this.#bytes -= bytesOf(receipt);
  }
}

function bytesOf({ body }: ReceiptRecord): number {
  return Buffer.byteLength(body);
}
