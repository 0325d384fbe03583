/**
 * What a durable write costs: one client that waits for each answer, and many whose writes share the disk. The event
 * loop's longest stall meanwhile is told after each run: the disk must not hold up traffic.
 * @module
 */
import { join } from "node:path";
import { put } from "../lib/cluster/record.ts";
import { openSqliteStore } from "../lib/controller/store/sqlite.ts";
import type { Store } from "../lib/controller/store/store.ts";
import { systemRandom } from "../lib/runtime/random.ts";
import { assignmentRecord } from "../tests/support/store_records.ts";

const RECORDS = 100_000;

Deno.bench({ name: "sqlite store: 1,000 appends, 1 client", n: 3, warmup: 1 }, async (timer) => {
  await inNewStore((store) => measured(timer, () => appendAll(store, { appends: 1_000, clients: 1 })));
});

Deno.bench({ name: "sqlite store: 10,000 appends, 64 clients", n: 3, warmup: 1 }, async (timer) => {
  await inNewStore((store) => measured(timer, () => appendAll(store, { appends: 10_000, clients: 64 })));
});

Deno.bench({ name: `sqlite store: open with ${RECORDS} records`, n: 3, warmup: 1 }, async (timer) => {
  await inFolder(async (path) => {
    await fill(path);
    timer.start();
    const store = await openSqliteStore({ path, random: systemRandom });
    timer.end();
    await store[Symbol.asyncDispose]();
  });
});

Deno.bench({ name: `sqlite store: load ${RECORDS} records`, n: 3, warmup: 1 }, async (timer) => {
  await inFolder(async (path) => {
    await fill(path);
    await using store = await openSqliteStore({ path, random: systemRandom });
    await measured(timer, () => store.load());
  });
});

async function appendAll(store: Store, { appends, clients }: { appends: number; clients: number }): Promise<void> {
  let left = appends;
  const client = async () => {
    while (left-- > 0) await store.append([put(assignmentRecord({ slot: left }))]);
  };
  await Promise.all(Array.from({ length: clients }, client));
}

async function fill(path: string): Promise<void> {
  await using store = await openSqliteStore({ path, random: systemRandom });
  await store.append(Array.from({ length: RECORDS }, (_, slot) => put(assignmentRecord({ slot }))));
}

/** Times the work and says what the longest stall was. */
async function measured(timer: Deno.BenchContext, work: () => Promise<unknown>): Promise<void> {
  let stallMs = 0;
  let lastMs = performance.now();
  const beat = setInterval(() => {
    const nowMs = performance.now();
    stallMs = Math.max(stallMs, nowMs - lastMs);
    lastMs = nowMs;
  }, 1);
  timer.start();
  await work();
  timer.end();
  clearInterval(beat);
  stallMs = Math.max(stallMs, performance.now() - lastMs);
  await Deno.stderr.write(new TextEncoder().encode(`longest stall ${stallMs.toFixed(1)} ms\n`));
}

async function inNewStore(act: (store: Store) => Promise<void>): Promise<void> {
  await inFolder(async (path) => {
    await using store = await openSqliteStore({ path, random: systemRandom });
    await act(store);
  });
}

async function inFolder(act: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "muster-bench-" });
  try {
    await act(join(folder, "store.db"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
