/**
 * Chunks in a folder, each in a file that is called by its digest: what the controller keeps of the folders that were
 * uploaded, and what an agent assembles them from. Which chunks there are is kept in memory; what is in one is checked
 * whenever it is read, and one that was damaged is removed, so that it counts as missing and comes again.
 * @module
 */
import { join } from "node:path";
import { syncFolder, writeFileAtomic } from "../runtime/atomic_file.ts";
import { removeIfThere } from "../runtime/remove_if_there.ts";
import { digestOf } from "./digest.ts";

/** A chunk that is there. */
export interface ChunkFile {
  size: number;
  /** When it was given last, in milliseconds of the time of day. */
  givenMs: number;
}

const NAME = /^[0-9a-f]{64}$/;

export class ChunkFolder {
  readonly #path: string;
  readonly #chunks: Map<string, ChunkFile>;
  /** Folders of which it is certain that the disk has them. */
  readonly #groups = new Set<string>();
  #bytes: number;

  constructor(path: string, chunks: Map<string, ChunkFile>) {
    this.#path = path;
    this.#chunks = chunks;
    this.#bytes = chunks.values().reduce((sum, { size }) => sum + size, 0);
  }

  /** Of all chunks together. */
  get bytes(): number {
    return this.#bytes;
  }

  get chunks(): ReadonlyMap<string, Readonly<ChunkFile>> {
    return this.#chunks;
  }

  /** Those that are not there, in the order given, each once. */
  missing(digests: Iterable<string>): string[] {
    return [...new Set(digests)].filter((digest) => !this.#chunks.has(digest));
  }

  /** Notes that a chunk was given again. */
  renew(digest: string, nowMs: number): void {
    const chunk = this.#chunks.get(digest);
    if (chunk !== undefined) chunk.givenMs = nowMs;
  }

  /** Keeps a chunk; its digest was compared. */
  async write(digest: string, bytes: Uint8Array, nowMs: number): Promise<void> {
    const folder = this.#folderOf(digest);
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFileAtomic(join(folder, digest), bytes);
    if (!this.#groups.has(folder)) {
      await syncFolder(this.#path);
      this.#groups.add(folder);
    }
    // Two may have given the same at once.
    this.#bytes += bytes.length - (this.#chunks.get(digest)?.size ?? 0);
    this.#chunks.set(digest, { size: bytes.length, givenMs: nowMs });
  }

  /** The chunk's bytes; undefined where there is none, or was none that its digest is true of. */
  async read(digest: string): Promise<Uint8Array | undefined> {
    if (!this.#chunks.has(digest)) return undefined;
    try {
      const bytes = await Deno.readFile(join(this.#folderOf(digest), digest));
      if (digestOf(bytes) === digest) return bytes;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await this.remove(digest);
    return undefined;
  }

  async remove(digest: string): Promise<void> {
    const chunk = this.#chunks.get(digest);
    if (chunk === undefined) return;
    this.#chunks.delete(digest);
    this.#bytes -= chunk.size;
    await removeIfThere(join(this.#folderOf(digest), digest));
  }

  /** A folder for each of the first two digits: no system likes a folder with a million files. */
  #folderOf(digest: string): string {
    return join(this.#path, digest.slice(0, 2));
  }
}

/** Opens the folder, made if need be. What a write that was cut off has left is removed. */
export function openChunkFolder(path: string): ChunkFolder {
  const chunks = new Map<string, ChunkFile>();
  Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  for (const { name: group, isDirectory } of Deno.readDirSync(path)) {
    if (!isDirectory) continue;
    for (const { name, isFile } of Deno.readDirSync(join(path, group))) {
      const file = join(path, group, name);
      if (isFile && NAME.test(name) && name.startsWith(group)) {
        const { size, mtime } = Deno.statSync(file);
        chunks.set(name, { size, givenMs: mtime?.getTime() ?? 0 });
      } else if (name.endsWith(".tmp")) Deno.removeSync(file);
    }
  }
  return new ChunkFolder(path, chunks);
}
