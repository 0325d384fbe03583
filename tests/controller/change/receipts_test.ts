import { assertEquals } from "@std/assert";
import type { ReceiptRecord } from "../../../lib/cluster/record.ts";
import { RECEIPT_BYTES_MAX, Receipts, RECEIPTS_MAX } from "../../../lib/controller/change/receipts.ts";

function receipt(id: string, body = "{}"): ReceiptRecord {
  return { type: "receipt", id, request: "r", status: 200, body, revision: 1 };
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

Deno.test("receipts are bounded in bytes as well: as many of the oldest go as the newest needs room", () => {
  const receipts = new Receipts();
  const quarter = "x".repeat(RECEIPT_BYTES_MAX / 4);
  for (let n = 0; n < 4; n++) {
    const changes = receipts.changesFor(receipt(`k${n}`, quarter));
    assertEquals(changes.length, 1, "there is room for four of them");
    receipts.follow({ revision: n, changes });
  }
  const half = receipts.changesFor(receipt("half", quarter + quarter));
  assertEquals(half.slice(0, -1), [{ op: "delete", key: "receipt/k0" }, { op: "delete", key: "receipt/k1" }]);
  receipts.follow({ revision: 5, changes: half });
  assertEquals(
    receipts.changesFor(receipt("small")).length,
    2,
    "what was dropped counts no more, and a byte is a byte",
  );
});
