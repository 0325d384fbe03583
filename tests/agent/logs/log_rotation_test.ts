import { assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { LOOK_MS } from "../../../lib/agent/logs/log_flood.ts";
import { keepLogsWithinBounds, rotateLog, SIZE_MAX_BYTES } from "../../../lib/agent/logs/log_rotation.ts";
import type { SessionInput } from "../../../lib/agent/session/effect.ts";
import type { Clock } from "../../../lib/runtime/clock.ts";
import { granted } from "../../support/granted.ts";

const REPLICA = "11111111-1111-4111-8111-111111111111";
const GONE = "22222222-2222-4222-8222-222222222222";

/** A folder of logs whose keeper looks when the test has done its part of the time between. */
interface Keeper {
  folder: string;
  path: string;
  reported: SessionInput[];
  replicas: Map<string, { instance: string | null }>;
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
  let wake: (() => void) | undefined;
  const clock: Clock = {
    now: () => nowMs,
    wall: () => Date.now(),
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
  const keeping = keepLogsWithinBounds(folder, { clock, signal: ending.signal, replicas, report });
  const looks = async (count: number, act = () => {}) => {
    for (let look = 0; look < count; look++) {
      await asleep();
      act();
      wake?.();
    }
    await asleep();
  };
  try {
    await fn({ folder, path, reported, replicas, looks });
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
  assertEquals(await rotateLog(path, 1_000), 9_006);
  const older = await Deno.readTextFile(`${path}.1`);
  assertEquals([older.length, older.endsWith("\nlast\n")], [2_000, true]);
  assertEquals(await rotateLog(`${path}.none`, 1_000), 0);
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
