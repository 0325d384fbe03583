/**
 * Artifacts in the controller's data folder: `artifacts/chunks/<ab>/<digest>` and `artifacts/manifests/<digest>.json`, each
 * file written as a whole and to the disk before it counts, and only where that leaves room for the controller's state.
 * What is there is found at the start and kept in memory, so that to ask costs no look at the disk.
 * @module
 */
import { join } from "node:path";
import { writeFileAtomic } from "../../runtime/atomic_file.ts";
import type { Clock } from "../../runtime/clock.ts";
import { isDiskFull } from "../../runtime/disk_full.ts";
import { leavesReserve, type LookAtDisk } from "../../runtime/disk_reserve.ts";
import { getLog } from "../../runtime/log.ts";
import { removeIfThere } from "../../runtime/remove_if_there.ts";
import { ArtifactManifest, faultOfManifest } from "../../wire/artifact.ts";
import { type ChunkFolder, openChunkFolder } from "../../wire/chunk_folder.ts";
import { digestOf } from "../../wire/digest.ts";
import type { ArtifactStore, ChunkGiven, GivenManifest, KeptArtifact, ManifestGiven } from "./artifact_store.ts";
import { type Givers, openGivers } from "./givers.ts";

/** Of all chunks and lists together, unless said otherwise. */
const BYTES_MAX = 21_474_836_480;
/** What no service names stays for so long after it was given. */
const GRACE_MS = 3_600_000;
/** The same where something was refused for lack of room. */
const SHORT_GRACE_MS = 600_000;

const log = getLog("artifacts");

/** A list that is here; whether its chunks are, is asked anew. */
interface Manifest extends KeptArtifact {
  chunks: readonly string[];
  /** Of the list itself. */
  textBytes: number;
  givenMs: number;
}

export interface FolderStoreOptions {
  clock: Pick<Clock, "wall">;
  bytesMax?: number;
  /** Says how full the disk is. */
  look?: LookAtDisk;
}

/** What was found in the folder. */
interface Found {
  chunks: ChunkFolder;
  manifests: Map<string, Manifest>;
  givers: Givers;
}

/** Opens what is kept in the folder, made if need be. */
export async function openFolderStore(folder: string, options: FolderStoreOptions): Promise<FolderStore> {
  const chunks = openChunkFolder(join(folder, "chunks"));
  const lists = join(folder, "manifests");
  await Deno.mkdir(lists, { recursive: true, mode: 0o700 });
  const manifests = new Map<string, Manifest>();
  for await (const { name } of Deno.readDir(lists)) {
    const path = join(lists, name);
    const [, sha256] = /^([0-9a-f]{64})\.json$/.exec(name) ?? [];
    const manifest = sha256 === undefined ? undefined : await readManifestFile(path, sha256);
    if (manifest !== undefined) manifests.set(manifest.sha256, manifest);
    else if (name.endsWith(".tmp")) await Deno.remove(path);
  }
  const givers = await openGivers(join(folder, "givers"));
  await givers.keepOnly(manifests);
  return new FolderStore(folder, { ...options, chunks, manifests, givers });
}

export class FolderStore implements ArtifactStore {
  readonly #folder: string;
  readonly #chunks: ChunkFolder;
  readonly #manifests: Map<string, Manifest>;
  readonly #givers: Givers;
  readonly #clock: Pick<Clock, "wall">;
  readonly #bytesMax: number;
  readonly #look: LookAtDisk | undefined;
  /** What is being written, and is to be counted already. */
  #coming = 0;
  /** Something was refused since the last sweep. */
  #isShort = false;

  constructor(folder: string, options: FolderStoreOptions & Found) {
    this.#folder = folder;
    this.#chunks = options.chunks;
    this.#manifests = options.manifests;
    this.#givers = options.givers;
    this.#clock = options.clock;
    this.#bytesMax = options.bytesMax ?? BYTES_MAX;
    this.#look = options.look;
  }

  missing(chunks: readonly string[]): string[] {
    const nowMs = this.#clock.wall();
    for (const digest of chunks) this.#chunks.renew(digest, nowMs);
    return this.#chunks.missing(chunks);
  }

  async putChunk(digest: string, bytes: Uint8Array): Promise<ChunkGiven> {
    if (this.missing([digest]).length === 0) return "known";
    const kept = await this.#write(bytes.length, () => this.#chunks.write(digest, bytes, this.#clock.wall()));
    return kept ? "new" : "full";
  }

  async readChunk(digest: string): Promise<Uint8Array | undefined> {
    const wasThere = this.#chunks.chunks.has(digest);
    const bytes = await this.#chunks.read(digest);
    if (wasThere && bytes === undefined) log.warn("A chunk was damaged: removed, and wanted again", { chunk: digest });
    return bytes;
  }

  async putManifest(sha256: string, { text, files, giver }: GivenManifest): Promise<ManifestGiven> {
    const chunks = files.flatMap((file) => file.chunks);
    const missing = this.missing(chunks);
    if (missing.length > 0) return { kind: "missing", chunks: missing };
    const detail = this.#contradiction(files);
    if (detail !== undefined) return { kind: "faulty", detail };
    const known = this.#manifests.get(sha256);
    const nowMs = this.#clock.wall();
    if (known !== undefined) {
      known.givenMs = nowMs;
      return await this.#noteGiver(sha256, giver) ? { kind: "known", artifact: known } : { kind: "full" };
    }
    const path = this.#pathOf(sha256);
    if (!await this.#write(text.length, () => writeFileAtomic(path, text))) return { kind: "full" };
    const manifest = manifestOf(sha256, { text, files, atMs: nowMs });
    this.#manifests.set(sha256, manifest);
    return await this.#noteGiver(sha256, giver) ? { kind: "new", artifact: manifest } : { kind: "full" };
  }

  isGivenBy(sha256: string, giver: string): boolean {
    return this.#givers.has(sha256, giver);
  }

  async readManifest(sha256: string): Promise<Uint8Array | undefined> {
    if (!this.#manifests.has(sha256)) return undefined;
    try {
      const text = await Deno.readFile(this.#pathOf(sha256));
      if (digestOf(text) === sha256) return text;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    log.warn("An artifact's list was damaged: removed, and wanted again", { sha256 });
    await this.#forget(sha256);
    return undefined;
  }

  renew(sha256: string): boolean {
    const manifest = this.#manifests.get(sha256);
    if (manifest === undefined || this.missing(manifest.chunks).length > 0) return false;
    manifest.givenMs = this.#clock.wall();
    return true;
  }

  list(): KeptArtifact[] {
    const isWhole = ({ chunks }: Manifest) => this.#chunks.missing(chunks).length === 0;
    return [...this.#manifests.values()].filter(isWhole)
      .map(({ sha256, files, bytes, createdMs }) => ({ sha256, files, bytes, createdMs }));
  }

  async sweep(named: ReadonlySet<string>): Promise<{ artifacts: number; chunks: number }> {
    const beforeMs = this.#clock.wall() - (this.#isShort ? SHORT_GRACE_MS : GRACE_MS);
    this.#isShort = false;
    const swept = { artifacts: 0, chunks: 0 };
    for (const { sha256, givenMs } of [...this.#manifests.values()]) {
      if (named.has(sha256) || givenMs > beforeMs) continue;
      await this.#forget(sha256);
      swept.artifacts += 1;
    }
    const needed = new Set(this.#manifests.values().flatMap(({ chunks }) => chunks));
    for (const [digest, { givenMs }] of [...this.#chunks.chunks]) {
      if (needed.has(digest) || givenMs > beforeMs) continue;
      await this.#chunks.remove(digest);
      swept.chunks += 1;
    }
    return swept;
  }

  /** Writes so many bytes more; false when there is no room for them. */
  async #write(bytes: number, write: () => Promise<void>): Promise<boolean> {
    const texts = this.#manifests.values().reduce((sum, { textBytes }) => sum + textBytes, 0);
    if (this.#chunks.bytes + texts + this.#coming + bytes > this.#bytesMax) return this.#refused();
    this.#coming += bytes;
    try {
      if (!await leavesReserve(this.#folder, this.#coming, { look: this.#look })) return this.#refused();
      await write();
      return true;
    } catch (error) {
      if (isDiskFull(error)) return this.#refused();
      throw error;
    } finally {
      this.#coming -= bytes;
    }
  }

  #refused(): false {
    this.#isShort = true;
    return false;
  }

  /** False when there is no room for it. */
  async #noteGiver(sha256: string, giver: string | undefined): Promise<boolean> {
    try {
      if (giver !== undefined) await this.#givers.add(sha256, giver);
      return true;
    } catch (error) {
      if (isDiskFull(error)) return this.#refused();
      throw error;
    }
  }

  /** What is said of a file, and what its chunks are together. */
  #contradiction(files: GivenManifest["files"]): string | undefined {
    for (const { path, size, chunks } of files) {
      const found = chunks.reduce((sum, digest) => sum + (this.#chunks.chunks.get(digest)?.size ?? 0), 0);
      if (found !== size) return `"${path}" is said to have ${size} bytes, and its chunks have ${found}`;
    }
    return undefined;
  }

  async #forget(sha256: string): Promise<void> {
    this.#manifests.delete(sha256);
    await this.#givers.forget(sha256);
    await removeIfThere(this.#pathOf(sha256));
  }

  #pathOf(sha256: string): string {
    return join(this.#folder, "manifests", `${sha256}.json`);
  }
}

/** A list that was damaged is removed. One that this version doesn't take is left for another, and counts as missing. */
async function readManifestFile(path: string, sha256: string): Promise<Manifest | undefined> {
  const text = await Deno.readFile(path);
  if (digestOf(text) !== sha256) {
    log.warn("An artifact's list was damaged: removed", { sha256 });
    await Deno.remove(path);
    return undefined;
  }
  const parsed = ArtifactManifest.safeParse(JSON.parse(new TextDecoder().decode(text)));
  const fault = parsed.success ? faultOfManifest(parsed.data) : parsed.error.issues[0]?.message;
  if (!parsed.success || fault !== undefined) {
    log.warn("An artifact's list is none that this version takes: it counts as missing", { sha256, fault });
    return undefined;
  }
  const { mtime } = await Deno.stat(path);
  return manifestOf(sha256, { text, files: parsed.data.files, atMs: mtime?.getTime() ?? 0 });
}

function manifestOf(sha256: string, { text, files, atMs }: GivenManifest & { atMs: number }): Manifest {
  return {
    sha256,
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    chunks: [...new Set(files.flatMap((file) => file.chunks))],
    textBytes: text.length,
    createdMs: atMs,
    givenMs: atMs,
  };
}
