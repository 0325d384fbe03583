import { assertEquals } from "@std/assert";
import type { ReceiptRecord } from "../../lib/cluster/record.ts";
import { Receipts, RECEIPTS_MAX } from "../../lib/controller/receipts.ts";

function receipt(id: string): ReceiptRecord {
  return { type: "receipt", id, request: "r", status: 200, body: "{}", revision: 1 };
}

Deno.test("receipts are found after a load and after a commit, and the oldest makes room for the newest", () => {
  const receipts = new Receipts();
  const records = Array.from({ length: RECEIPTS_MAX - 1 }, (_, n) => ({ record: receipt(`k${n}`), revision: n }));
  receipts.load({ cluster: "c", epoch: 1, revision: RECEIPTS_MAX, records: records.toReversed() });
  assertEquals(receipts.changesFor(receipt("new")).length, 1);
  receipts.follow({ revision: RECEIPTS_MAX + 1, changes: receipts.changesFor(receipt("new")) });
  const changes = receipts.changesFor(receipt("newer"));
  assertEquals(changes[0], { op: "delete", key: "receipt/k0" });
  receipts.follow({ revision: RECEIPTS_MAX + 2, changes });
  assertEquals([receipts.find("k0"), receipts.find("k1")?.id, receipts.find("newer")?.id], [undefined, "k1", "newer"]);
});
