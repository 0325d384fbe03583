import { assertEquals } from "@std/assert";
import { put } from "../../../lib/cluster/record.ts";
import { MemoryLedger, openMemoryStore } from "../../../lib/controller/store/memory.ts";
import { storeContract } from "../../conformance/store_contract.ts";
import { nodeRecord } from "../../support/store_records.ts";

storeContract("memory", { open: () => Promise.resolve(openMemoryStore({ cluster: "c1" })), ignore: false });

Deno.test("openMemoryStore() leads with the epoch after the one given", async () => {
  await using store = openMemoryStore({ cluster: "c1", epoch: 7 });
  assertEquals((await store.lead()).epoch, 8);
});

Deno.test("MemoryLedger enters synchronously and gives the commit", () => {
  const ledger = new MemoryLedger({ cluster: "c1" });
  const record = nodeRecord();
  assertEquals(ledger.append([put(record)]), { kind: "committed", commit: { revision: 1, changes: [put(record)] } });
  assertEquals(ledger.append([], { expectedRevision: 0 }), { kind: "conflict", revision: 1 });
  assertEquals(ledger.snapshot(), { cluster: "c1", epoch: 0, revision: 1, records: [{ record, revision: 1 }] });
});
