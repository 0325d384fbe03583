/**
 * What the store keeps, and how it changes: records under keys, and lists of puts and deletes that are committed whole.
 * Every home of the store keeps the same records; which of them it is makes no difference to the core.
 * @module
 */
import * as z from "zod";
import { JoinTokenRecord, RevocationRecord } from "./membership.ts";
import { NodeRecord } from "./node.ts";
import { AssignmentRecord, nameOf, SlotRecord } from "./replica.ts";
import { RolloutRecord } from "./rollout.ts";
import { ServiceRecord } from "./service_record.ts";
import { TokenRecord } from "./token.ts";

/** One effect per `Idempotency-Key`: what was answered, kept in the transaction of the effect. */
export const ReceiptRecord = z.object({
  type: z.literal("receipt"),
  id: z.string(),
  /** What was asked for, so that the same key with another request is refused. */
  request: z.string(),
  status: z.int(),
  body: z.string(),
  revision: z.int(),
});
export type ReceiptRecord = z.infer<typeof ReceiptRecord>;

/** Anything that the store keeps. */
export const StoreRecord = z.discriminatedUnion("type", [
  ServiceRecord,
  RolloutRecord,
  NodeRecord,
  SlotRecord,
  AssignmentRecord,
  ReceiptRecord,
  TokenRecord,
  JoinTokenRecord,
  RevocationRecord,
]);
export type StoreRecord = z.infer<typeof StoreRecord>;

/** One step of a transaction. */
export type Change = { op: "put"; record: StoreRecord } | { op: "delete"; key: string };

/** A transaction that the store has accepted. */
export interface Commit {
  revision: number;
  changes: Change[];
}

/** Everything the store holds at one revision. */
export interface Snapshot {
  cluster: string;
  epoch: number;
  revision: number;
  records: StoredRecord[];
}

/** A record with the revision of the commit that wrote it last. */
export interface StoredRecord {
  record: StoreRecord;
  revision: number;
}

/** Where a record lies: its type and its name or id. */
export function keyOf(record: StoreRecord): string {
  switch (record.type) {
    case "service":
      return `service/${record.name}`;
    case "rollout":
      return `rollout/${record.service}`;
    case "slot":
      return `slot/${nameOf(record)}`;
    default:
      return `${record.type}/${record.id}`;
  }
}

/** The key that a change touches. */
export function keyOfChange(change: Change): string {
  return change.op === "put" ? keyOf(change.record) : change.key;
}

export function put(record: StoreRecord): Change {
  return { op: "put", record };
}

export function remove(record: StoreRecord): Change {
  return { op: "delete", key: keyOf(record) };
}
