/**
 * What every home of the store must hold to. A home's own test file calls `storeContract` with a way to open an empty
 * store; it adds only what is peculiar to that home.
 * @module
 */
import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { type Commit, put, remove, type Snapshot } from "../../lib/cluster/record.ts";
import { StoreReplacedError } from "../../lib/controller/store/replacement.ts";
import type { Appended, Store } from "../../lib/controller/store/store.ts";
import { assignmentRecord, nodeRecord, receiptRecord, serviceRecord, tokenRecord } from "../support/store_records.ts";

export interface StoreContractOptions {
  /** Opens an empty store. The suite disposes it. */
  open: () => Promise<Store>;
  /** What this run may not do is left out. */
  ignore: boolean;
}

/** Registers the suite for one home of the store. */
export function storeContract(home: string, { open, ignore }: StoreContractOptions): void {
  const test = (name: string, run: (store: Store) => Promise<void>) =>
    Deno.test({
      name: `${home} store: ${name}`,
      ignore,
      fn: async () => {
        await using store = await open();
        await run(store);
      },
    });

  testRecords(test);
  testRevisions(test);
  testConcurrency(test);
  testWatchers(test);
  testReplacement(test);
  testLifetime(test);
}

type StoreTest = (name: string, run: (store: Store) => Promise<void>) => void;

function testRecords(test: StoreTest): void {
  test("load() of a new one is empty and names its cluster", async (store) => {
    const { cluster, ...rest } = await store.load();
    assert(cluster.length > 0);
    assertEquals(rest, { epoch: 0, revision: 0, records: [] });
  });

  test("load() gives every kind of record back as it was put", async (store) => {
    const records = [assignmentRecord(), nodeRecord(), receiptRecord(), serviceRecord(), tokenRecord()];
    await store.append(records.map(put));
    assertEquals(recordsIn(await store.load()), records);
  });

  test("append() keeps big records and any text", async (store) => {
    const big = assignmentRecord({ reason: "é🦕\u0001\n\"'".repeat(500_000) });
    await store.append([put(big)]);
    assertEquals(recordsIn(await store.load()), [big]);
  });

  test("append() keeps a copy that the caller can't change", async (store) => {
    const record = nodeRecord();
    await store.append([put(record)]);
    record.labels.zone = "b";
    assertEquals(recordsIn(await store.load()), [{ ...record, labels: { zone: "a" } }]);
  });

  test("append() lets the last change of a key win", async (store) => {
    const record = nodeRecord();
    await store.append([put(record), remove(record), put({ ...record, name: "beta" })]);
    assertEquals(recordsIn(await store.load()), [{ ...record, name: "beta" }]);
    await store.append([put(record), remove(record)]);
    assertEquals(recordsIn(await store.load()), []);
  });

  test("append() commits nothing when one of its records is not what its schema says", async (store) => {
    await assertRejects(() => store.append([put(nodeRecord()), put(nodeRecord({ losses: -1 }))]));
    assertEquals(await revisionAndCount(store), [0, 0]);
    assertEquals(await store.append([put(nodeRecord())]), { kind: "committed", revision: 1 });
  });

  test("append() deletes what is there and takes no harm from what isn't", async (store) => {
    const record = nodeRecord();
    await store.append([put(record)]);
    await store.append([remove(record), { op: "delete", key: "node/none" }]);
    assertEquals(await revisionAndCount(store), [2, 0]);
  });
}

function testRevisions(test: StoreTest): void {
  test("append() raises the revision by one each time", async (store) => {
    for (const revision of [1, 2, 3]) {
      assertEquals(await store.append([put(nodeRecord())]), { kind: "committed", revision });
    }
    assertEquals((await store.load()).revision, 3);
  });

  test("load() gives each record the revision of its last put", async (store) => {
    const [first, second] = [nodeRecord({ id: uuid(1) }), nodeRecord({ id: uuid(2) })];
    await store.append([put(first), put(second)]);
    await store.append([put({ ...first, draining: true })]);
    await store.append([put(nodeRecord({ id: uuid(3) }))]);
    const { records } = await store.load();
    assertEquals(records.map(({ revision }) => revision), [2, 1, 3]);
  });

  test("append() with the newest revision commits", async (store) => {
    await store.append([put(nodeRecord())]);
    const outcome = await store.append([put(nodeRecord())], { expectedRevision: 1 });
    assertEquals(outcome, { kind: "committed", revision: 2 });
  });

  test("append() with any other revision changes nothing and tells the newest", async (store) => {
    await store.append([put(nodeRecord())]);
    for (const expectedRevision of [0, 2]) {
      const outcome = await store.append([put(nodeRecord())], { expectedRevision });
      assertEquals(outcome, { kind: "conflict", revision: 1 });
    }
    assertEquals(await revisionAndCount(store), [1, 1]);
  });
}

function testConcurrency(test: StoreTest): void {
  test("append() lets exactly one of many with the same expected revision win", async (store) => {
    const attempts = Array.from({ length: 50 }, () => store.append([put(nodeRecord())], { expectedRevision: 0 }));
    const outcomes = await Promise.all(attempts);
    assertEquals(outcomes.filter(({ kind }) => kind === "committed"), [{ kind: "committed", revision: 1 }]);
    assertEquals(outcomes.filter(({ kind }) => kind === "conflict").length, 49);
    assertEquals(await revisionAndCount(store), [1, 1]);
  });

  test("append() compares with the revision that those before it in line lead to", async (store) => {
    const attempts = [0, 1, 1, 2].map((expectedRevision) => store.append([put(nodeRecord())], { expectedRevision }));
    assertEquals<Appended[]>(await Promise.all(attempts), [
      { kind: "committed", revision: 1 },
      { kind: "committed", revision: 2 },
      { kind: "conflict", revision: 2 },
      { kind: "committed", revision: 3 },
    ]);
  });

  test("append() takes 1,000 at once, in the order in which they came", async (store) => {
    const records = Array.from({ length: 1_000 }, (_, index) => nodeRecord({ id: uuid(index) }));
    const outcomes = await Promise.all(records.map((record) => store.append([put(record)])));
    assertEquals(outcomes, records.map((_, index) => ({ kind: "committed", revision: index + 1 })));
    const { records: stored } = await store.load();
    assertEquals(stored, records.map((record, index) => ({ record, revision: index + 1 })));
  });
}

function testWatchers(test: StoreTest): void {
  test("watch() tells every commit once, in the order of revisions", async (store) => {
    const heard: Commit[] = [];
    using _watch = store.watch((commit) => heard.push(commit));
    const records = Array.from({ length: 100 }, () => nodeRecord());
    await Promise.all(records.map((record) => store.append([put(record)])));
    await store.append([put(nodeRecord())], { expectedRevision: 7 });
    await until(store, () => heard.length >= 100);
    assertEquals(heard, records.map((record, index) => ({ revision: index + 1, changes: [put(record)] })));
  });

  test("watch() tells a commit no earlier than load() has it", async (store) => {
    const seen: Promise<[number, number]>[] = [];
    using _watch = store.watch(({ revision }) => {
      seen.push(store.load().then((snapshot) => [revision, snapshot.revision]));
    });
    await Promise.all(Array.from({ length: 20 }, () => store.append([put(nodeRecord())])));
    await until(store, () => seen.length === 20);
    for (const [told, loaded] of await Promise.all(seen)) assert(loaded >= told, `${told} was told at ${loaded}`);
  });

  test("watch() tells nothing before it and nothing after its end", async (store) => {
    const heard: number[] = [];
    await store.append([put(nodeRecord())]);
    const watch = store.watch(({ revision }) => heard.push(revision));
    await store.append([put(nodeRecord())]);
    await until(store, () => heard.length === 1);
    watch[Symbol.dispose]();
    await store.append([put(nodeRecord())]);
    await store.load();
    assertEquals(heard, [2]);
  });
}

function testReplacement(test: StoreTest): void {
  const given: Snapshot = {
    cluster: uuid(7),
    epoch: 3,
    revision: 9,
    records: [{ record: nodeRecord(), revision: 4 }, { record: serviceRecord(), revision: 9 }],
  };

  test("replace() puts another content in the place of all that there was", async (store) => {
    await store.append([put(tokenRecord()), put(nodeRecord({ name: "former" }))]);
    await store.replace(given);
    const { cluster, records } = await store.load();
    assertEquals({ cluster, records }, { cluster: given.cluster, records: given.records });
  });

  test("replace() leads beyond the epochs and revisions of both, and of what may have come since", async (store) => {
    const { epoch } = await store.lead();
    await store.append([put(nodeRecord())]);
    for (const older of [given, { ...given, epoch: 0, revision: 0, records: [] }]) {
      const before = await store.load();
      const replaced = await store.replace(older);
      assert(replaced.kind === "replaced");
      assertGreater(replaced.epoch, Math.max(before.epoch, older.epoch, epoch) + 1_000);
      assertGreater(replaced.revision, Math.max(before.revision, older.revision) + 1_000_000);
      const after = await store.load();
      assertEquals([after.epoch, after.revision], [replaced.epoch, replaced.revision]);
      assertEquals((await store.lead()).epoch, replaced.epoch + 1);
    }
  });

  test("replace() ends the leadership, which can be had anew", async (store) => {
    const { lost } = await store.lead();
    await store.replace(given);
    assert(lost.reason instanceof StoreReplacedError);
    assert(!(await store.lead()).lost.aborted);
  });

  test("replace() leaves nobody to write by what he knew before", async (store) => {
    await store.append([put(nodeRecord())]);
    await store.replace(given);
    const outcome = await store.append([put(tokenRecord())], { expectedRevision: 1 });
    assertEquals(outcome.kind, "conflict");
    const { revision } = await store.load();
    const next = await store.append([put(tokenRecord())], { expectedRevision: revision });
    assertEquals(next, { kind: "committed", revision: revision + 1 });
  });

  test("replace() changes nothing when a record is not what its schema says", async (store) => {
    await store.append([put(nodeRecord())]);
    const faulty = { ...given, records: [{ record: nodeRecord({ losses: -1 }), revision: 1 }] };
    await assertRejects(() => store.replace(faulty));
    assertEquals(await revisionAndCount(store), [1, 1]);
  });
}

function testLifetime(test: StoreTest): void {
  test("lead() gives a larger epoch each time, which load() then has", async (store) => {
    const first = await store.lead();
    const second = await store.lead();
    assertGreater(first.epoch, 0);
    assertGreater(second.epoch, first.epoch);
    assertEquals((await store.load()).epoch, second.epoch);
    assert(!second.lost.aborted);
  });

  test("closing waits for what is in line, and is the end of leadership", async (store) => {
    const { lost } = await store.lead();
    const appends = Array.from({ length: 100 }, () => store.append([put(nodeRecord())]));
    await store[Symbol.asyncDispose]();
    const outcomes = await Promise.all(appends);
    assertEquals(outcomes.map(({ kind }) => kind), outcomes.map(() => "committed"));
    assert(lost.aborted);
    await assertRejects(() => store.append([put(nodeRecord())]), Error, "it is closed");
    await assertRejects(() => store.load(), Error, "it is closed");
    await assertRejects(() => store.lead(), Error, "it is closed");
  });
}

function recordsIn(snapshot: Snapshot): unknown[] {
  return snapshot.records.map(({ record }) => record);
}

async function revisionAndCount(store: Store): Promise<[number, number]> {
  const { revision, records } = await store.load();
  return [revision, records.length];
}

/** Commits reach watchers in their own time; each load is a turn in which they may. */
async function until(store: Store, done: () => boolean): Promise<void> {
  for (let turn = 0; !done() && turn < 1_000; turn++) await store.load();
}

/** An id that sorts by its number. */
function uuid(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
}
