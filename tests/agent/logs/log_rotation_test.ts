import { assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { LOOK_MS } from "../../../lib/agent/logs/log_flood.ts";
import { keepLogsWithinBounds, rotateLog } from "../../../lib/agent/logs/log_rotation.ts";
import { type LogLimits, LOGS_USUAL } from "../../../lib/cluster/log_limits.ts";
import type { SessionInput } from "../../../lib/agent/session/effect.ts";
import type { Clock } from "../../../lib/runtime/clock.ts";
import { granted } from "../../support/granted.ts";

const REPLICA = "11111111-1111-4111-8111-111111111111";
const GONE = "22222222-2222-4222-8222-222222222222";
const SIZE_MAX_BYTES = 10 * 1_024 * 1_024;
const DAY_MS = 24 * 3_600_000;

/** A folder of logs whose keeper looks when the test has done its part of the time between. */
interface Keeper {
  folder: string;
  path: string;
  reported: SessionInput[];
  replicas: Map<string, { instance: string | null }>;
  limits: Map<string, LogLimits>;
  /** Sets the clock of the wall so much ahead. */
  later: (ms: number) => void;
  /** Looks so many times; `act` happens before each. */
  looks: (count: number, act?: () => void) => Promise<void>;
}

function test(name: string, fn: (keeper: Keeper) => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn: () => withKeeper(fn) });
}

async function withKeeper(fn: (keeper: Keeper) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const ending = new AbortController();
  let nowMs = 0;
  let aheadMs = 0;
  let wake: (() => void) | undefined;
  const clock: Clock = {
    now: () => nowMs,
    wall: () => Date.now() + aheadMs,
    sleep: (ms, { signal } = {}) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (signal?.aborted) reject(signal.reason);
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      wake = () => {
        wake = undefined;
        nowMs += ms;
        resolve();
      };
      return promise;
    },
  };
  const asleep = async () => {
    while (wake === undefined) await delay(0);
  };
  const reported: SessionInput[] = [];
  const replicas = new Map([[REPLICA, { instance: "a" as string | null }]]);
  const path = `${folder}/${REPLICA}.out`;
  await Deno.writeTextFile(`${folder}/${GONE}.out`, "x".repeat(SIZE_MAX_BYTES + 1));
  const report = (input: SessionInput) => reported.push(input);
  const limits = new Map<string, LogLimits>();
  const limitsOf = (replica: string) => limits.get(replica);
  const keeping = keepLogsWithinBounds(folder, { clock, signal: ending.signal, replicas, limitsOf, report });
  const looks = async (count: number, act = () => {}) => {
    for (let look = 0; look < count; look++) {
      await asleep();
      act();
      wake?.();
    }
    await asleep();
  };
  try {
    const later = (ms: number) => aheadMs += ms;
    await fn({ folder, path, reported, replicas, limits, later, looks });
  } finally {
    ending.abort();
    await keeping;
    await Deno.remove(folder, { recursive: true });
  }
}

/** Grows the log by more than a flood needs in the longest time between looks. */
const flood = (path: string) => () =>
  Deno.writeFileSync(path, new Uint8Array(14_000_000 * LOOK_MS / 250), { append: true });

test("keepLogsWithinBounds() tells once of an instance that floods, with what it wrote", async ({ reported, ...at }) => {
  await at.looks(3, flood(at.path));
  assertEquals(reported, []);
  await at.looks(30, flood(at.path));
  assertEquals(reported[0]?.kind === "flooded" && reported[0].instance, "a");
  assertEquals(reported[0]?.kind === "flooded" && reported[0].reason.startsWith("it wrote "), true);
  assertEquals(Deno.statSync(at.path).size <= SIZE_MAX_BYTES, true);
});

test("keepLogsWithinBounds() does not blame an instance for what its predecessor wrote", async (at) => {
  for (const instance of ["a", "b", "c", "d"]) {
    at.replicas.set(REPLICA, { instance });
    await at.looks(4, flood(at.path));
  }
  assertEquals(at.reported, []);
});

test("keepLogsWithinBounds() takes a log that grew while no agent was there for no flood, and cuts it", async (at) => {
  Deno.writeFileSync(at.path, new Uint8Array(100_000_000));
  await at.looks(8);
  assertEquals(at.reported, []);
  assertEquals(Deno.statSync(at.path).size, 0);
  assertEquals(Deno.statSync(`${at.path}.1`).size, 2 * SIZE_MAX_BYTES);
});

test("keepLogsWithinBounds() cuts what a replica has left that is here no more", async ({ folder, looks }) => {
  await looks(1);
  assertEquals(Deno.statSync(`${folder}/${GONE}.out`).size, 0);
  assertEquals(Deno.statSync(`${folder}/${GONE}.out.1`).size, SIZE_MAX_BYTES + 1);
});

test("rotateLog() tells where it cut, and keeps the last lines", async ({ path }) => {
  await Deno.writeTextFile(path, `${"a".repeat(9_000)}\nlast\n`);
  assertEquals(await rotateLog(path, { partBytesMax: 2_000, partsMax: 1 }), 9_006);
  const older = await Deno.readTextFile(`${path}.1`);
  assertEquals([older.length, older.endsWith("\nlast\n")], [2_000, true]);
  assertEquals(await rotateLog(`${path}.none`, { partBytesMax: 2_000, partsMax: 1 }), 0);
});

test("a log folder that can't be read for a while is looked after again once it can", async ({ folder, looks }) => {
  await looks(1);
  await Deno.rename(folder, `${folder}.away`);
  await looks(60_000 / LOOK_MS + 1);
  await Deno.rename(`${folder}.away`, folder);
  const late = `${folder}/${GONE}.err`;
  await Deno.writeTextFile(late, "x".repeat(SIZE_MAX_BYTES + 1));
  await looks(60_000 / LOOK_MS + 1);
  assertEquals(Deno.statSync(late).size, 0);
});

/** The files of the replica's standard output, with their sizes in KiB. */
function sizes(folder: string): Record<string, number> {
  const found = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.includes(`${REPLICA}.out`));
  return Object.fromEntries(
    found.toSorted().map((name) => [name.slice(REPLICA.length + 1), Deno.statSync(`${folder}/${name}`).size / 1_024]),
  );
}

test("a log is cut at the size, and has as many files, as the spec says, also when that changes", async (at) => {
  const write = (kib: number) => () => Deno.writeFileSync(at.path, new Uint8Array(kib * 1_024), { append: true });
  at.limits.set(REPLICA, { ...LOGS_USUAL, max_size: "64KiB", max_files: 3 });
  await at.looks(1, write(64));
  assertEquals(sizes(at.folder), { out: 64 });
  await at.looks(1, write(1));
  assertEquals(sizes(at.folder), { out: 0, "out.1": 65 });
  await at.looks(3, write(70));
  assertEquals(sizes(at.folder), { out: 0, "out.3": 70, "out.4": 70 });
  at.limits.set(REPLICA, { ...LOGS_USUAL, max_size: "1MiB", max_files: 2 });
  await at.looks(1, write(100));
  assertEquals(sizes(at.folder), { out: 100, "out.3": 70, "out.4": 70 });
  await at.looks(1, write(1_000));
  assertEquals(sizes(at.folder), { out: 0, "out.5": 1_100 });
});

test("what was cut off long ago is removed, also of a replica that is gone, by what its spec said", async (at) => {
  const sweep = () => at.looks(60_000 / LOOK_MS + 1);
  at.limits.set(REPLICA, { max_size: "64KiB", max_files: 5, keep: "2d" });
  await at.looks(2, () => Deno.writeFileSync(at.path, new Uint8Array(65 * 1_024), { append: true }));
  Deno.writeTextFileSync(at.path, "the present one\n");
  at.later(DAY_MS);
  await sweep();
  assertEquals(Object.keys(sizes(at.folder)), ["out", "out.1", "out.2"]);
  at.later(DAY_MS);
  await sweep();
  // The newest is kept empty, so that the next one gets a number of its own.
  assertEquals(sizes(at.folder), { out: 16 / 1_024, "out.2": 0 });
  at.replicas.delete(REPLICA);
  at.limits.delete(REPLICA);
  Deno.writeTextFileSync(`${at.folder}/${GONE}.out`, "x");
  await sweep();
  const left = [...Deno.readDirSync(at.folder)].map(({ name }) => name);
  assertEquals([left.some((name) => name.startsWith(REPLICA)), left.includes(`${GONE}.out`)], [false, true]);
});
