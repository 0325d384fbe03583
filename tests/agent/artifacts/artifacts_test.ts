import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { artifactFiles } from "../../../lib/agent/artifacts/artifact_folders.ts";
import { Artifacts, type ArtifactsOptions, openArtifacts } from "../../../lib/agent/artifacts/artifacts.ts";
import type { SessionInput } from "../../../lib/agent/session/effect.ts";
import { openChunkFolder } from "../../../lib/wire/chunk_folder.ts";
import { artifactOf, type ArtifactParts } from "../../support/artifact_parts.ts";
import { granted } from "../../support/granted.ts";

const HOUR_MS = 3_600_000;
const SHOP = artifactOf({ "run.sh*": "#!/bin/sh\n", "public/a/b.txt": "b", "public/empty": "" });

type Told = Extract<SessionInput, { kind: "artifact" }>;

/** A host and what its session wants. */
class Scene {
  readonly path: string;
  readonly told: Told[] = [];
  readonly closing = new AbortController();
  named: string[] = [];
  lacking: string[] = [SHOP.sha256];
  nowMs = Date.now();
  freeBytes = 2 ** 40;
  #news = Promise.withResolvers<void>();

  constructor(path: string) {
    this.path = path;
  }

  open(): Promise<Artifacts> {
    return openArtifacts(this.options());
  }

  options(): ArtifactsOptions {
    const clock = { now: () => this.nowMs, wall: () => this.nowMs, sleep: () => new Promise<void>(() => {}) };
    const report = (input: SessionInput) => {
      if (input.kind === "artifact") this.told.push(input);
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    };
    const asked = () => ({ named: this.named, lacking: this.lacking });
    const look = () => Promise.resolve({ freeBytes: this.freeBytes, totalBytes: 2 ** 40 });
    return { path: this.path, clock, report, asked, look, signal: this.closing.signal };
  }

  async untilTold(): Promise<Told> {
    while (this.told.length === 0) await this.#news.promise;
    return this.told.shift()!;
  }
}

function test(name: string, fn: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted,
    fn: async () => {
      const path = await Deno.makeTempDir({ prefix: "muster-agent-" });
      const scene = new Scene(path);
      try {
        await fn(scene);
      } finally {
        scene.closing.abort();
        await Deno.remove(path, { recursive: true });
      }
    },
  });
}

async function give(artifacts: Artifacts, { chunks }: ArtifactParts): Promise<void> {
  for (const [digest, bytes] of chunks) await artifacts.putChunk(digest, bytes);
}

function take(artifacts: Artifacts, { sha256, manifest, text }: ArtifactParts) {
  return artifacts.take(sha256, manifest, text);
}

/** One after the other, so that it is known which is older. */
async function makeInTurn(scene: Scene, artifacts: Artifacts, all: readonly ArtifactParts[]): Promise<void> {
  for (const parts of all) {
    scene.lacking = [parts.sha256];
    scene.nowMs += 1_000;
    await give(artifacts, parts);
    take(artifacts, parts);
    await scene.untilTold();
  }
}

test("Artifacts names the chunks that are missing, and makes the folder once none is", async (scene) => {
  const artifacts = await scene.open();
  assertEquals(artifacts.needs, [SHOP.sha256]);
  assertEquals(take(artifacts, SHOP), { kind: "missing", chunks: [...SHOP.chunks.keys()].toReversed() });
  await give(artifacts, SHOP);
  assertEquals(take(artifacts, SHOP), { kind: "missing", chunks: [] });
  assertEquals(artifacts.needs, [], "it is being made");
  assertEquals(await scene.untilTold(), { kind: "artifact", sha256: SHOP.sha256, here: true, reason: "" });
  const files = artifactFiles(scene.path, SHOP.sha256);
  assertEquals(await Deno.readTextFile(join(files, "public/a/b.txt")), "b");
  assertEquals(await Deno.readTextFile(join(files, "public/empty")), "");
  if (Deno.build.os !== "windows") {
    const modeOf = async (path: string) => ((await Deno.stat(join(files, path))).mode ?? 0) & 0o777;
    assertEquals([await modeOf("run.sh"), await modeOf("public/empty")], [0o555, 0o444]);
  }
  assertEquals(artifacts.here, [SHOP.sha256]);
  assertEquals((await scene.open()).here, [SHOP.sha256], "also for an agent that is started again");
});

test("Artifacts takes no list that nobody waits for", async (scene) => {
  scene.lacking = [];
  assertEquals(take(await scene.open(), SHOP), { kind: "unwanted" });
});

test("Artifacts asks again for a chunk that was damaged", async (scene) => {
  const artifacts = await scene.open();
  await give(artifacts, SHOP);
  const [digest] = [...SHOP.chunks.keys()];
  await Deno.writeTextFile(join(scene.path, "artifacts", "chunks", digest!.slice(0, 2), digest!), "damaged");
  take(artifacts, SHOP);
  while (artifacts.needs.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(take(artifacts, SHOP), { kind: "missing", chunks: [digest!] });
  await give(artifacts, SHOP);
  take(artifacts, SHOP);
  assertEquals((await scene.untilTold()).here, true);
});

test("Artifacts says why a folder can't be made, waits, and tries again", async (scene) => {
  const artifacts = await scene.open();
  const wrong = { ...SHOP, manifest: { files: SHOP.manifest.files.map((file) => ({ ...file, size: file.size + 1 })) } };
  await give(artifacts, SHOP);
  take(artifacts, wrong);
  const told = await scene.untilTold();
  assertStringIncludes(told.reason, "its chunks have");
  await Promise.resolve();
  assertEquals(artifacts.needs, []);
  scene.nowMs += 60_000;
  while (artifacts.needs.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  take(artifacts, SHOP);
  assertEquals((await scene.untilTold()).here, true);
  const left = [...Deno.readDirSync(join(scene.path, "artifacts"))].map(({ name }) => name).toSorted();
  assertEquals(left, [SHOP.sha256, "chunks"].toSorted());
});

test("Artifacts says that there is no room, and asks for nothing until it looks again", async (scene) => {
  const full = Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  const chunks = openChunkFolder(join(scene.path, "chunks"));
  let isFull = true;
  const write = chunks.write.bind(chunks);
  chunks.write = (...given) => (isFull ? Promise.reject(new Error("Cannot write", { cause: full })) : write(...given));
  const artifacts = new Artifacts(scene.options(), new Map(), chunks);
  const [digest, bytes] = [...SHOP.chunks][0]!;
  assertEquals(await artifacts.putChunk(digest, bytes), false);
  assertStringIncludes((await scene.untilTold()).reason, "there is no room left on the node's disk");
  assertEquals(artifacts.needs, []);
  scene.nowMs += 5_000;
  assertEquals(artifacts.needs, [SHOP.sha256]);
  assertEquals(await artifacts.putChunk(digest, bytes), false);
  scene.nowMs += 5_000;
  assertEquals(artifacts.needs, [], "the second pause is longer");
  isFull = false;
  assertEquals(await artifacts.putChunk(digest, bytes), true);
  assertEquals(artifacts.needs, [SHOP.sha256]);
});

/** Has the shop here, once it was told of. */
async function withShop(scene: Scene): Promise<Artifacts> {
  const artifacts = await scene.open();
  await give(artifacts, SHOP);
  take(artifacts, SHOP);
  assertEquals((await scene.untilTold()).here, true);
  return artifacts;
}

const UNUSED = { isInUse: () => false };

test("Artifacts notices that a folder is gone with its list, and makes it anew once that came", async (scene) => {
  const artifacts = await withShop(scene);
  assertEquals(await artifacts.isReady(SHOP.sha256, UNUSED), true);
  await Deno.remove(join(scene.path, "artifacts", SHOP.sha256), { recursive: true });
  assertEquals(await artifacts.isReady(SHOP.sha256, { isInUse: () => true }), false);
  assertEquals((await scene.untilTold()).here, false);
  assertEquals(take(artifacts, SHOP), { kind: "missing", chunks: [] });
  assertEquals((await scene.untilTold()).here, true);
});

test("Artifacts makes a folder anew in which a file was changed, by itself", async (scene) => {
  const artifacts = await withShop(scene);
  const files = artifactFiles(scene.path, SHOP.sha256);
  const path = join(files, "public/a/b.txt");
  await Deno.chmod(path, 0o644);
  await Deno.writeTextFile(path, "c");
  assertEquals(await artifacts.isReady(SHOP.sha256, UNUSED), false);
  assertEquals((await scene.untilTold()).here, false);
  assertEquals((await scene.untilTold()).here, true);
  assertEquals(await Deno.readTextFile(path), "b");
  assertEquals(await artifacts.isReady(SHOP.sha256, UNUSED), true);
  await Deno.writeTextFile(join(files, "cache.db"), "");
  assertEquals(await (await scene.open()).isReady(SHOP.sha256, UNUSED), true, "what a program adds is its own matter");
});

test("Artifacts takes no folder away from those who run in it, changed as it is", async (scene) => {
  const artifacts = await withShop(scene);
  await Deno.remove(join(artifactFiles(scene.path, SHOP.sha256), "run.sh"));
  assertEquals(await artifacts.isReady(SHOP.sha256, { isInUse: () => true }), true);
  assertEquals([artifacts.here, scene.told], [[SHOP.sha256], []]);
});

test("Artifacts keeps room on the disk for others, for chunks and for folders", async (scene) => {
  const artifacts = await scene.open();
  await give(artifacts, SHOP);
  scene.freeBytes = 2 ** 30;
  assertEquals(await artifacts.putChunk("0".repeat(64), new Uint8Array(1)), false);
  assertStringIncludes((await scene.untilTold()).reason, "of which some stays free for logs and state");
  take(artifacts, SHOP);
  assertEquals((await scene.untilTold()).here, false);
});

test("Artifacts says why a folder can't be made, and not where on the host", async (scene) => {
  const artifacts = await scene.open();
  const long = artifactOf({ ["a".repeat(300)]: "" });
  scene.lacking = [long.sha256];
  take(artifacts, long);
  const { reason } = await scene.untilTold();
  assertStringIncludes(reason, "its folder can't be made on the node");
  assertEquals(reason.includes(scene.path), false, reason);
});

test("Artifacts keeps what is ordered while it sweeps", async (scene) => {
  const artifacts = await scene.open();
  const shops = ["1", "2", "3", "4", "5", "6"].map((text) => artifactOf({ "own.txt": text }));
  await makeInTurn(scene, artifacts, shops);
  scene.named = [];
  const sweeping = artifacts.sweep();
  const [first] = scene.told;
  const wanted = shops.slice(0, 3).find(({ sha256 }) => sha256 !== first?.sha256)!;
  scene.named = [wanted.sha256];
  await sweeping;
  assertEquals(artifacts.here.includes(wanted.sha256), true);
  assertEquals(await artifacts.isReady(wanted.sha256, UNUSED), true);
  assertEquals(artifacts.here.length, 4, "the other two are gone");
});

test("Artifacts sweeps all but the last three that nobody runs, and the chunks that are left of the others", async (scene) => {
  const artifacts = await scene.open();
  const shops = ["1", "2", "3", "4", "5"].map((text) => artifactOf({ "common.txt": "same", "own.txt": text }));
  await makeInTurn(scene, artifacts, shops);
  scene.named = [shops[0]!.sha256];
  scene.nowMs += HOUR_MS + 10_000;
  await artifacts.sweep();
  const kept = [shops[0]!, ...shops.slice(2)].map(({ sha256 }) => sha256);
  assertEquals(artifacts.here.toSorted(), kept.toSorted());
  assertEquals((await scene.untilTold()).here, false);
  const left = [...shops[1]!.chunks.keys()].map((digest) =>
    [...Deno.readDirSync(join(scene.path, "artifacts", "chunks", digest.slice(0, 2)))].some(({ name }) =>
      name === digest
    )
  );
  assertEquals(left, [true, false], "what others are made of stays");
});

test("openArtifacts() removes what is left of a folder that was being made, and one without its list", async (scene) => {
  await scene.open();
  const folder = join(scene.path, "artifacts");
  await Deno.mkdir(join(folder, `${SHOP.sha256}.x.tmp`, "files"), { recursive: true });
  await Deno.mkdir(join(folder, "c".repeat(64), "files"), { recursive: true });
  assertEquals((await scene.open()).here, []);
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["chunks"]);
});
