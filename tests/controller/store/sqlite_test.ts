import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { put } from "../../../lib/cluster/record.ts";
import {
  StoreDamagedError,
  StoreFailedError,
  StoreLockedError,
  StoreNewerError,
} from "../../../lib/controller/store/failure.ts";
import { openSqliteStore } from "../../../lib/controller/store/sqlite.ts";
import type { Store } from "../../../lib/controller/store/store.ts";
import { seededRandom, systemRandom } from "../../../lib/runtime/random.ts";
import { storeContract } from "../../conformance/store_contract.ts";
import { granted } from "../../support/granted.ts";
import { nodeRecord } from "../../support/store_records.ts";

const PAGE_BYTES = 4_096;
const open = (path: string) => openSqliteStore({ path, random: systemRandom });

storeContract("sqlite", { open: openInOwnFolder, ignore: !granted });

test("openSqliteStore() makes the file for its owner only and leaves nothing beside it", async (path) => {
  await using store = await openSqliteStore({ path, random: seededRandom(1) });
  assertEquals((await store.load()).cluster, seededRandom(1).uuid());
  assertEquals(namesBeside(path), ["store.db", "store.db-wal"]);
  if (Deno.build.os !== "windows") assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
});

test("openSqliteStore() finds everything again, and raises the epoch with each leader", async (path) => {
  const before = await inStore(path, async (store) => {
    await store.lead();
    await store.append([put(nodeRecord())]);
    await store.append([put(nodeRecord())]);
    return await store.load();
  });
  await inStore(path, async (store) => {
    assertEquals(await store.load(), before);
    assertEquals((await store.lead()).epoch, before.epoch + 1);
    assertEquals(await store.append([]), { kind: "committed", revision: 3 });
  });
});

test("openSqliteStore() begins no cluster in an empty file", async (path) => {
  Deno.writeTextFileSync(path, "");
  await assertDamaged(path, "is empty");
  assertEquals(Deno.statSync(path).size, 0);
});

test("openSqliteStore() refuses text", async (path) => {
  Deno.writeTextFileSync(path, "not a database ".repeat(1_000));
  await assertDamaged(path, "is not a database");
});

test("openSqliteStore() refuses a file that was cut in half", async (path) => {
  await fill(path);
  Deno.truncateSync(path, Deno.statSync(path).size / 2);
  await assertDamaged(path, "is damaged");
});

test("openSqliteStore() refuses a file with any of its pages inverted", async (path) => {
  await fill(path);
  const whole = Deno.readFileSync(path);
  for (let page = 0; page * PAGE_BYTES < whole.length; page++) {
    const start = page * PAGE_BYTES;
    const broken = whole.map((byte, at) => at >= start && at < start + PAGE_BYTES ? byte ^ 0xff : byte);
    Deno.writeFileSync(path, broken);
    await assertDamaged(path, "");
  }
});

test("openSqliteStore() refuses a database of another program and leaves it as it is", async (path) => {
  changeByHand(path, "CREATE TABLE notes (text TEXT)");
  const before = Deno.readFileSync(path);
  await assertDamaged(path, "not one of a Muster controller");
  assertEquals(Deno.readFileSync(path), before);
});

test("openSqliteStore() refuses a newer schema and names both versions", async (path) => {
  await fill(path);
  changeByHand(path, "PRAGMA user_version = 99");
  await assertRejects(
    () => open(path),
    StoreNewerError,
    "version 99 and this controller knows up to 1; start the newer",
  );
});

test("openSqliteStore() refuses a file without its cluster", async (path) => {
  await fill(path);
  changeByHand(path, "DELETE FROM meta");
  await assertDamaged(path, "names no cluster");
});

test("openSqliteStore() makes no new file where the newest changes of a former one lie", async (path) => {
  Deno.writeTextFileSync(`${path}-wal`, "changes");
  await assertDamaged(path, "is gone");
  assertEquals(namesBeside(path), ["store.db-wal"]);
});

test("openSqliteStore() says so when there is no folder to make the file in", async (path) => {
  const error = await assertRejects(
    () => open(join(path, "none.db")),
    StoreFailedError,
    "check that its folder exists",
  );
  assertNotEquals(error.cause, undefined);
});

test("openSqliteStore() says so when the worker's module is another", async (path) => {
  const worker = "data:text/javascript,throw new Error('wrong module')";
  await assertRejects(
    () => openSqliteStore({ path, worker, random: systemRandom }),
    StoreFailedError,
    "store's worker",
  );
});

test("load() refuses a record that does not parse and names it", async (path) => {
  await fill(path);
  for (const value of ["{", "{}", JSON.stringify(nodeRecord())]) {
    changeByHand(path, `UPDATE records SET value = '${value}' WHERE key = 'node/${ODD_ID}'`);
    await inStore(
      path,
      (store) => assertRejects(() => store.load(), StoreDamagedError, `holds a record node/${ODD_ID}`),
    );
  }
});

test("openSqliteStore() is refused while another store of this process has the file", async (path) => {
  await inStore(path, async (store) => {
    await assertRejects(() => open(path), StoreLockedError, `${path}: another controller has it open`);
    assertEquals(await store.append([]), { kind: "committed", revision: 1 });
  });
  await inStore(path, (store) => store.load());
});

test("openSqliteStore() is refused while another process has the file, and not after", async (path) => {
  const appender = new URL("../../support/store_appender.ts", import.meta.url).href;
  const args = ["run", "--no-check", "-A", appender, path];
  const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
  const lines = child.stdout.getReader();
  assert((await lines.read()).value, "the child wrote");
  await assertRejects(() => open(path), StoreLockedError, "another controller has it open");
  child.kill("SIGKILL");
  await Promise.all([lines.cancel(), child.status]);
  await inStore(path, (store) => store.load());
});

const ODD_ID = "00000000-0000-4000-8000-000000000000";

/** Makes a store with enough records for several pages, and closes it. */
async function fill(path: string): Promise<void> {
  await inStore(path, async (store) => {
    await store.append(Array.from({ length: 50 }, () => put(nodeRecord())));
    await store.append([put(nodeRecord({ id: ODD_ID }))]);
  });
}

async function inStore<T>(path: string, act: (store: Store) => Promise<T>): Promise<T> {
  await using store = await open(path);
  return await act(store);
}

async function assertDamaged(path: string, found: string): Promise<void> {
  const { message } = await assertRejects(() => open(path), StoreDamagedError, found);
  assertStringIncludes(message, `Cannot open the store ${path}: it `);
  assertStringIncludes(message, "restore a backup, or move the file");
}

function changeByHand(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

function namesBeside(path: string): string[] {
  return [...Deno.readDirSync(join(path, ".."))].map(({ name }) => name).sort();
}

async function openInOwnFolder(): Promise<Store> {
  const folder = await Deno.makeTempDir({ prefix: "muster-store-" });
  const store = await open(join(folder, "store.db"));
  const close = store[Symbol.asyncDispose].bind(store);
  let removed: Promise<void> | undefined;
  store[Symbol.asyncDispose] = async () => {
    await close();
    await (removed ??= Deno.remove(folder, { recursive: true }));
  };
  return store;
}

function test(name: string, fn: (path: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "muster-store-" });
      try {
        await fn(join(folder, "store.db"));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
