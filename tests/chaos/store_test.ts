/**
 * The store against kill -9, a full disk and a disk that fails: what was acknowledged is there afterwards, whole.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { keyOf, put, type Snapshot } from "../../lib/cluster/record.ts";
import { openSqliteStore } from "../../lib/controller/store/sqlite.ts";
import type { Store } from "../../lib/controller/store/store.ts";
import { intBetween, seededRandom, systemRandom } from "../../lib/runtime/random.ts";
import { granted } from "../support/granted.ts";
import { assignmentRecord } from "../support/store_records.ts";

const APPENDER = new URL("../support/store_appender.ts", import.meta.url).href;
const KILLS = 20;

Deno.test({
  name: `sqlite store: what was acknowledged survives ${KILLS} kills with -9`,
  ignore: !granted,
  fn: () =>
    inFolder(async (folder) => {
      const path = join(folder, "store.db");
      const seed = Date.now();
      const random = seededRandom(seed);
      const acknowledged = new Map<number, number>();
      for (let round = 1; round <= KILLS; round++) {
        const enough = acknowledged.size + intBetween(random, { min: 1, max: 300 });
        const appender = startAppender([Deno.execPath(), ...runAppender(path)]);
        for await (const [revision, fence] of appender.lines) {
          acknowledged.set(Number(revision), Number(fence));
          if (acknowledged.size === enough) appender.child.kill("SIGKILL");
        }
        assertEquals((await appender.child.status).signal, "SIGKILL");
        const snapshot = await inStore(path, (store) => store.load());
        assertEquals(snapshot.epoch, round, `seed ${seed}`);
        assertHolds(snapshot, acknowledged, `seed ${seed}, round ${round}`);
      }
    }),
});

const canTrace = granted && Deno.build.os === "linux" && await succeeds("strace", ["-qq", "-o", "/dev/null", "true"]);

Deno.test({
  name: `sqlite store: acknowledges nothing after the disk failed to sync${canTrace ? "" : " (needs strace)"}`,
  ignore: !canTrace,
  fn: () =>
    inFolder(async (folder) => {
      const path = join(folder, "store.db");
      const failing = ["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=40+"];
      const strace = ["strace", "-f", "-qq", "-o", "/dev/null", ...failing];
      const acknowledged = new Map<number, number>();
      const words: string[] = [];
      const appender = startAppender([...strace, Deno.execPath(), ...runAppender(path)]);
      for await (const [first = "", second = ""] of appender.lines) {
        if (/^\d/.test(first)) acknowledged.set(Number(first), Number(second));
        else words.push(`${first} ${second}`);
      }
      assertEquals((await appender.child.status).code, 70);
      assertEquals(words, ["lost StoreFailedError", "failed StoreFailedError"]);
      assert(acknowledged.size > 0, "some were acknowledged before");
      assertHolds(await inStore(path, (store) => store.load()), acknowledged, "after the failure");
    }),
});

const canMount = granted && Deno.build.os === "linux" && Deno.uid() === 0 && await inFolder(mountsSmallDisk);

Deno.test({
  name: `sqlite store: says that the disk is full, and goes on when there is room${canMount ? "" : " (needs root)"}`,
  ignore: !canMount,
  fn: () =>
    inFolder(async (folder) => {
      assert(await mountsSmallDisk(folder, { keep: true }));
      try {
        await fillSmallDisk(folder);
      } finally {
        await succeeds("umount", [folder]);
      }
    }),
});

async function fillSmallDisk(folder: string): Promise<void> {
  const path = join(folder, "store.db");
  const ballast = join(folder, "ballast");
  Deno.writeFileSync(ballast, new Uint8Array(500_000));
  const kept: string[] = [];
  await inStore(path, async (store) => {
    const { lost } = await store.lead();
    const append = async (textBytes: number) => {
      const record = assignmentRecord({ reason: "x".repeat(textBytes) });
      const { kind } = await store.append([put(record)]);
      if (kind === "committed") kept.push(record.id);
      return kind;
    };
    while (await append(50_000) !== "full");
    assertEquals(await Promise.all([append(50_000), append(50_000)]), ["full", "full"]);
    assert(kept.length > 0, "some fitted");
    assertEquals(idsOf(await store.load()), kept.toSorted());
    assert(!lost.aborted);
    Deno.removeSync(ballast);
    // What doesn't fit takes nothing with it that does and was in line beside it.
    assertEquals(await Promise.all([append(1_000_000), append(100)]), ["full", "committed"]);
    assertEquals((await store.load()).revision, kept.length);
  });
  assertEquals(idsOf(await inStore(path, (store) => store.load())), kept.toSorted());
}

function idsOf({ records }: Snapshot): string[] {
  return records.map(({ record }) => "id" in record ? record.id : keyOf(record)).toSorted();
}

/** Every acknowledged pair is there, and no half of one that was not. */
function assertHolds({ records }: Snapshot, acknowledged: Map<number, number>, when: string): void {
  const pairs = new Map<number, number[]>();
  for (const { record, revision } of records) {
    assert(record.type === "assignment");
    pairs.set(revision, [...pairs.get(revision) ?? [], record.fence]);
  }
  for (const [revision, fences] of pairs) assertEquals(fences.length, 2, `${when}: half of revision ${revision}`);
  for (const [revision, fence] of acknowledged) {
    assertEquals(pairs.get(revision), [fence, fence], `${when}: revision ${revision} was acknowledged`);
  }
}

function runAppender(path: string): string[] {
  return ["run", "--no-check", "-A", APPENDER, path];
}

function startAppender([program = "", ...args]: string[]) {
  const child = new Deno.Command(program, { args, stdout: "piped" }).spawn();
  return { child, lines: linesOf(child.stdout) };
}

/** The words of each whole line. */
async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string[]> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.split(" ");
  }
}

async function inStore<T>(path: string, act: (store: Store) => Promise<T>): Promise<T> {
  await using store = await openSqliteStore({ path, random: systemRandom });
  return await act(store);
}

async function inFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "muster-store-" });
  try {
    return await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Mounts 2 MB of memory on the folder. */
async function mountsSmallDisk(folder: string, { keep = false } = {}): Promise<boolean> {
  const mounted = await succeeds("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]);
  if (mounted && !keep) await succeeds("umount", [folder]);
  return mounted;
}

async function succeeds(program: string, args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
