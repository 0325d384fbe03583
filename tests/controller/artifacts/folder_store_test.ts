import { assertEquals } from "@std/assert";
import { join } from "node:path";
import {
  type FolderStore,
  type FolderStoreOptions,
  openFolderStore,
} from "../../../lib/controller/artifacts/folder_store.ts";
import { digestOf } from "../../../lib/wire/digest.ts";
import { artifactOf, type ArtifactParts } from "../../support/artifact_parts.ts";
import { granted } from "../../support/granted.ts";

const HOUR_MS = 3_600_000;
const GIB = 1_073_741_824;
const SHOP = artifactOf({ "main.ts": "serve()", "data/a.txt": "a", "data/b.txt": "a" });

interface Scene {
  folder: string;
  clock: { atMs: number; wall: () => number };
  open: (options?: Omit<FolderStoreOptions, "clock">) => Promise<FolderStore>;
}

function test(name: string, fn: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "muster-artifacts-" });
      const clock = { atMs: Date.now(), wall: () => clock.atMs };
      try {
        await fn({ folder, clock, open: (options) => openFolderStore(folder, { clock, ...options }) });
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

async function give(store: FolderStore, { sha256, text, manifest, chunks }: ArtifactParts): Promise<string> {
  for (const [digest, bytes] of chunks) await store.putChunk(digest, bytes);
  return (await store.putManifest(sha256, { text, files: manifest.files })).kind;
}

test("FolderStore keeps what it was given, also for the next that opens the folder", async ({ open }) => {
  const store = await open();
  assertEquals(await give(store, SHOP), "new");
  assertEquals(await give(store, SHOP), "known");
  const again = await open();
  assertEquals(again.list().map(({ sha256, files, bytes }) => ({ sha256, files, bytes })), [
    { sha256: SHOP.sha256, files: 3, bytes: 9 },
  ]);
  assertEquals(await again.readManifest(SHOP.sha256), SHOP.text);
  for (const [digest, bytes] of SHOP.chunks) assertEquals(await again.readChunk(digest), bytes);
});

test("FolderStore takes a list only when all of its chunks are there and as long as it says", async ({ open }) => {
  const store = await open();
  const [first, second] = [...SHOP.chunks.keys()];
  await store.putChunk(first!, SHOP.chunks.get(first!)!);
  const { sha256, text, manifest: { files } } = SHOP;
  assertEquals(await store.putManifest(sha256, { text, files }), { kind: "missing", chunks: [second!] });
  assertEquals(store.renew(sha256), false);
  await store.putChunk(second!, SHOP.chunks.get(second!)!);
  const wrong = files.map((file) => ({ ...file, size: file.size + 1 }));
  assertEquals(await store.putManifest(sha256, { text, files: wrong }), {
    kind: "faulty",
    detail: '"data/a.txt" is said to have 2 bytes, and its chunks have 1',
  });
});

test("FolderStore finds a damaged chunk when it is read, and wants it again", async ({ folder, open }) => {
  const store = await open();
  await give(store, SHOP);
  const [digest, bytes] = [...SHOP.chunks][0]!;
  await Deno.writeTextFile(join(folder, "chunks", digest.slice(0, 2), digest), "damaged");
  assertEquals(await store.readChunk(digest), undefined);
  assertEquals(store.missing([digest]), [digest]);
  assertEquals([store.renew(SHOP.sha256), store.list()], [false, []]);
  assertEquals(await store.putChunk(digest, bytes), "new");
  assertEquals(store.renew(SHOP.sha256), true, "the list was there all the time");
});

test("FolderStore forgets a list that was damaged, whether it is read or found at the start", async ({ folder, open }) => {
  const store = await open();
  await give(store, SHOP);
  const list = join(folder, "manifests", `${SHOP.sha256}.json`);
  await Deno.writeTextFile(list, "{");
  assertEquals((await open()).list(), []);
  await Deno.writeTextFile(list, "{");
  assertEquals(await store.readManifest(SHOP.sha256), undefined);
  assertEquals(store.renew(SHOP.sha256), false);
});

test("FolderStore takes no more than it may, and says so", async ({ open }) => {
  const store = await open({ bytesMax: 8 });
  const [long, short] = [...SHOP.chunks];
  assertEquals(await store.putChunk(...long!), "new");
  assertEquals(await store.putChunk(...short!), "new");
  assertEquals(await store.putChunk("0".repeat(64), new Uint8Array(1)), "full");
  assertEquals(await store.putChunk(...long!), "known", "what is there needs no room");
  const { sha256, text, manifest: { files } } = SHOP;
  assertEquals(await store.putManifest(sha256, { text, files }), { kind: "full" });
});

test("FolderStore sweeps what nobody names an hour after it was given, and keeps what others are made of", async (scene) => {
  const { clock, open } = scene;
  const store = await open();
  const other = artifactOf({ "main.ts": "serve()", "new.txt": "new" });
  await give(store, SHOP);
  await give(store, other);
  clock.atMs += HOUR_MS - 1_000;
  assertEquals(await store.sweep(new Set()), { artifacts: 0, chunks: 0 });
  assertEquals(store.renew(other.sha256), true);
  clock.atMs += 2_000;
  assertEquals(await store.sweep(new Set()), { artifacts: 1, chunks: 1 });
  clock.atMs += HOUR_MS;
  assertEquals(await store.sweep(new Set([other.sha256])), { artifacts: 0, chunks: 0 });
  assertEquals(await store.sweep(new Set()), { artifacts: 1, chunks: 2 });
  assertEquals((await open()).list(), []);
});

test("FolderStore removes what a write that was cut off has left", async ({ folder, open }) => {
  await open();
  await Deno.mkdir(join(folder, "chunks", "ab"));
  const left = [join(folder, "chunks", "ab", ".x.tmp"), join(folder, "manifests", ".y.tmp")];
  for (const path of left) await Deno.writeTextFile(path, "half");
  await open();
  for (const path of left) assertEquals(await Deno.stat(path).then(() => "there", () => "gone"), "gone");
});

test("FolderStore leaves the reserve of its disk alone, and takes what needs no room", async ({ open }) => {
  const room = { freeBytes: GIB, totalBytes: 2 * GIB };
  const store = await open({ look: () => Promise.resolve(room) });
  await give(store, SHOP);
  room.freeBytes = 100_000_000;
  assertEquals(await store.putChunk("0".repeat(64), new Uint8Array(1)), "full");
  assertEquals(await store.putChunk(...[...SHOP.chunks][0]!), "known");
  const { sha256, text, manifest: { files } } = SHOP;
  assertEquals((await store.putManifest(sha256, { text, files, giver: "ci" })).kind, "known");
  const other = artifactOf({ "main.ts": "serve()" });
  assertEquals(
    await store.putManifest(other.sha256, { text: other.text, files: other.manifest.files }),
    { kind: "full" },
  );
});

test("FolderStore sweeps what nobody names sooner once something was refused", async ({ clock, open }) => {
  const store = await open({ bytesMax: 1_000 });
  await give(store, SHOP);
  clock.atMs += HOUR_MS / 3;
  assertEquals(await store.sweep(new Set()), { artifacts: 0, chunks: 0 });
  assertEquals(await store.putChunk("0".repeat(64), new Uint8Array(1_000)), "full");
  assertEquals(await store.sweep(new Set([SHOP.sha256])), { artifacts: 0, chunks: 0 });
  assertEquals(await store.putChunk("0".repeat(64), new Uint8Array(1_000)), "full");
  assertEquals(await store.sweep(new Set()), { artifacts: 1, chunks: 2 });
});

test("FolderStore remembers by which token an artifact was given, until the artifact goes", async ({ clock, open }) => {
  const store = await open();
  const { sha256, text, manifest: { files } } = SHOP;
  await give(store, SHOP);
  assertEquals(store.isGivenBy(sha256, "ci"), false);
  await store.putManifest(sha256, { text, files, giver: "ci" });
  const again = await open();
  assertEquals([again.isGivenBy(sha256, "ci"), again.isGivenBy(sha256, "other")], [true, false]);
  for (let at = 0; at < 100; at++) await again.putManifest(sha256, { text, files, giver: `token-${at}` });
  assertEquals([again.isGivenBy(sha256, "ci"), again.isGivenBy(sha256, "token-0")], [false, true], "so many, no more");
  clock.atMs += HOUR_MS + 1_000;
  await again.sweep(new Set());
  assertEquals([again.isGivenBy(sha256, "token-0"), (await open()).isGivenBy(sha256, "token-0")], [false, false]);
});

test("FolderStore opens where a list is none that this version takes: it counts as missing, and stays", async (scene) => {
  const { folder, open } = scene;
  await give(await open(), SHOP);
  const file = { size: 0, executable: false, chunks: [] };
  const lists = [[{ ...file, path: "NUL" }], [{ ...file, path: "A" }, { ...file, path: "a" }]].map((files) => {
    const text = new TextEncoder().encode(JSON.stringify({ files }));
    return { text, path: join(folder, "manifests", `${digestOf(text)}.json`) };
  });
  for (const { path, text } of lists) await Deno.writeFile(path, text);
  assertEquals((await open()).list().map(({ sha256 }) => sha256), [SHOP.sha256]);
  for (const { path, text } of lists) assertEquals(await Deno.readFile(path), text);
});
