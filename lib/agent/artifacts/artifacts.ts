/**
 * The artifacts on this host: takes in lists and chunks as a controller pushes them, makes the folders, and tells the
 * session what is here. The controller asks for nothing to be remembered: what is lacking is said with every answer to a
 * health check, and sent until it is not.
 * @module
 */
import { join } from "node:path";
import type { Clock } from "../../runtime/clock.ts";
import { isDiskFull } from "../../runtime/disk_full.ts";
import { leavesReserve, type LookAtDisk } from "../../runtime/disk_reserve.ts";
import { getLog } from "../../runtime/log.ts";
import { removeIfThere } from "../../runtime/remove_if_there.ts";
import type { ArtifactManifest } from "../../wire/artifact.ts";
import { type ChunkFolder, openChunkFolder } from "../../wire/chunk_folder.ts";
import type { SessionInput } from "../session/effect.ts";
import {
  artifactFiles,
  type ArtifactFolder,
  artifactFolderOf,
  artifactsFolder,
  type KeptList,
  readArtifactFolders,
  readKeptList,
} from "./artifact_folders.ts";
import { assemble } from "./assemble.ts";
import { changedFile } from "./changed_file.ts";
import { dispensable } from "./dispensable.ts";

/** Artifacts that are asked for at once; then come the next. */
const NEEDS_MAX = 50;
/** Missing chunks that are named at once; then come the next. */
const NAMED_MAX = 2_000;
const RETRY_MIN_MS = 5_000;
const RETRY_MAX_MS = 60_000;
/** What an upload has brought and nothing is made of yet stays for so long. */
const GRACE_MS = 3_600_000;
const SWEEP_MS = 600_000;
const FULL =
  "there is no room left on the node's disk, of which some stays free for logs and state; make room, and it is " +
  "tried again";

const log = getLog("artifacts");

export interface ArtifactsOptions {
  /** The agent's data folder. */
  path: string;
  clock: Clock;
  report: (input: SessionInput) => void;
  /** What the session's replicas run, and what of that they lack. */
  asked: () => { named: string[]; lacking: string[] };
  /** Says how full the disk is. */
  look?: LookAtDisk;
  /** Aborted when the agent ends. */
  signal: AbortSignal;
}

/** What came of a list: the chunks that are to be sent, none where all are here. */
export type ManifestTaken = { kind: "missing"; chunks: string[] } | { kind: "unwanted" };

/** Opens what is on this host. */
export async function openArtifacts(options: ArtifactsOptions): Promise<Artifacts> {
  const here = await readArtifactFolders(options.path);
  return new Artifacts(options, here, openChunkFolder(join(artifactsFolder(options.path), "chunks")));
}

export class Artifacts {
  readonly #options: ArtifactsOptions;
  readonly #here: Map<string, ArtifactFolder>;
  readonly #chunks: ChunkFolder;
  /** What is being made into a folder, one after the other. */
  readonly #assembling = new Map<string, Promise<void>>();
  /** Until when nothing is asked for, and how often in a row that was so: by artifact, and "" for all. */
  readonly #pauses = new Map<string, { untilMs: number; times: number }>();

  constructor(options: ArtifactsOptions, here: Map<string, ArtifactFolder>, chunks: ChunkFolder) {
    this.#options = options;
    this.#here = here;
    this.#chunks = chunks;
  }

  get here(): string[] {
    return [...this.#here.keys()];
  }

  /** What is to be sent now. */
  get needs(): string[] {
    if (this.#isPaused("")) return [];
    const { lacking } = this.#options.asked();
    return lacking.filter((sha256) => !this.#assembling.has(sha256) && !this.#isPaused(sha256)).slice(0, NEEDS_MAX);
  }

  /** Takes in the list of an artifact's files; the digest was compared. Once no chunk is missing it is made. */
  take(sha256: string, manifest: ArtifactManifest, text: Uint8Array): ManifestTaken {
    if (this.#here.has(sha256) || this.#assembling.has(sha256)) return { kind: "missing", chunks: [] };
    if (!this.#options.asked().lacking.includes(sha256)) return { kind: "unwanted" };
    return { kind: "missing", chunks: this.#beginIfWhole(sha256, { manifest, text }).slice(0, NAMED_MAX) };
  }

  /** Keeps a chunk whose digest was compared; false when there is no room. */
  async putChunk(digest: string, bytes: Uint8Array): Promise<boolean> {
    if (this.#chunks.missing([digest]).length > 0 && !await this.#write(digest, bytes)) {
      this.#pause("");
      for (const sha256 of this.#options.asked().lacking) this.#tell(sha256, { here: false, reason: FULL });
      return false;
    }
    this.#pauses.delete("");
    return true;
  }

  /**
   * Looks whether the folder of an artifact is there, and its files are as they were made. Where they aren't and nothing
   * runs in it, it is made anew: from what is here, else once what is missing has come.
   */
  async isReady(sha256: string, { isInUse }: { isInUse: () => boolean }): Promise<boolean> {
    const folder = artifactFiles(this.#options.path, sha256);
    const list = await readKeptList(this.#options.path, sha256);
    const changed = list === undefined ? "the list of its files" : await changedFile(folder, list);
    if (changed === undefined) return true;
    if (isInUse() && isFolder(folder)) {
      log.warn("An artifact's folder was changed: it is made anew once nothing runs in it", { sha256, changed });
      return true;
    }
    if (this.#here.delete(sha256)) log.warn("An artifact's folder was changed: it is made anew", { sha256, changed });
    this.#tell(sha256, { here: false, reason: "" });
    if (list !== undefined && !this.#assembling.has(sha256)) this.#beginIfWhole(sha256, list);
    return false;
  }

  /** Removes again and again what nobody needs, until the agent ends. */
  async keepSwept(): Promise<void> {
    const { clock, signal } = this.#options;
    while (true) {
      try {
        // First of all orders come, which say what is needed.
        await clock.sleep(SWEEP_MS, { signal });
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      await this.sweep().catch((error) => log.error("Cannot remove artifacts: it is tried again", { error }));
    }
  }

  /** Removes what is neither named nor among the last that were, and chunks of which nothing is made. */
  async sweep(): Promise<void> {
    const { path, clock, asked } = this.#options;
    const nowMs = clock.wall();
    for (const sha256 of asked().named) {
      const artifact = this.#here.get(sha256);
      if (artifact !== undefined) artifact.usedMs = nowMs;
    }
    for (const sha256 of dispensable(this.#here, new Set(asked().named))) {
      // It may have been ordered while another was removed. What is out of the way at once can't be in that of a new one.
      if (asked().named.includes(sha256)) continue;
      const place = join(artifactsFolder(path), sha256);
      const aside = `${place}.${crypto.randomUUID()}.tmp`;
      renameIfThere(place, aside);
      this.#here.delete(sha256);
      this.#tell(sha256, { here: false, reason: "" });
      await removeIfThere(aside);
    }
    const needed = new Set(this.#here.values().flatMap(({ chunks }) => chunks));
    for (const [digest, { givenMs }] of [...this.#chunks.chunks]) {
      if (!needed.has(digest) && givenMs < nowMs - GRACE_MS) await this.#chunks.remove(digest);
    }
    const { lacking } = asked();
    for (const key of [...this.#pauses.keys()]) {
      if (key !== "" && !lacking.includes(key) && !this.#isPaused(key)) this.#pauses.delete(key);
    }
  }

  /** False when there is no room for it. */
  async #write(digest: string, bytes: Uint8Array): Promise<boolean> {
    const { path, clock, look } = this.#options;
    try {
      if (!await leavesReserve(path, bytes.length, { look })) return false;
      await this.#chunks.write(digest, bytes, clock.wall());
      return true;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      return false;
    }
  }

  /** Begins to make the folder, or gives the chunks that are missing for that. */
  #beginIfWhole(sha256: string, list: Pick<KeptList, "manifest" | "text">): string[] {
    const digests = list.manifest.files.flatMap((file) => file.chunks);
    const nowMs = this.#options.clock.wall();
    for (const digest of digests) this.#chunks.renew(digest, nowMs);
    const missing = this.#chunks.missing(digests);
    if (missing.length === 0) this.#begin(sha256, list);
    return missing;
  }

  #begin(sha256: string, list: Pick<KeptList, "manifest" | "text">): void {
    const before = [...this.#assembling.values()].at(-1) ?? Promise.resolve();
    const done = before.then(() => this.#assemble(sha256, list)).catch((error) => {
      if (this.#options.signal.aborted) return;
      if (!isDiskFull(error)) log.error("Cannot make an artifact's folder: it is tried again", { sha256, error });
      this.#fail(sha256, isDiskFull(error) ? FULL : reasonOf(error));
    }).finally(() => this.#assembling.delete(sha256));
    this.#assembling.set(sha256, done);
  }

  async #assemble(sha256: string, { manifest, text }: Pick<KeptList, "manifest" | "text">): Promise<void> {
    const { path, clock, look, signal } = this.#options;
    const place = join(artifactsFolder(path), sha256);
    await removeIfThere(place);
    const { bytes } = artifactFolderOf(manifest, clock.wall());
    if (!await leavesReserve(path, bytes, { look })) return this.#fail(sha256, FULL);
    const madeMs = clock.wall();
    const result = await assemble({ manifest, text, chunks: this.#chunks, place, madeMs, signal });
    if (result.kind === "faulty") return this.#fail(sha256, result.detail);
    if (result.kind === "damaged") {
      log.warn("A chunk was damaged: it is asked for again", { sha256 });
      return;
    }
    this.#pauses.delete(sha256);
    this.#here.set(sha256, artifactFolderOf(manifest, clock.wall()));
    this.#tell(sha256, { here: true, reason: "" });
  }

  #fail(sha256: string, reason: string): void {
    this.#pause(sha256);
    this.#tell(sha256, { here: false, reason });
  }

  #tell(sha256: string, found: { here: boolean; reason: string }): void {
    this.#options.report({ kind: "artifact", sha256, ...found });
  }

  #pause(key: string): void {
    const times = (this.#pauses.get(key)?.times ?? 0) + 1;
    const pauseMs = Math.min(RETRY_MIN_MS * 2 ** (times - 1), RETRY_MAX_MS);
    this.#pauses.set(key, { untilMs: this.#options.clock.now() + pauseMs, times });
  }

  #isPaused(key: string): boolean {
    return (this.#pauses.get(key)?.untilMs ?? 0) > this.#options.clock.now();
  }
}

/** For who orders: where this agent has its data is no matter of theirs; the log says all. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? `: ${error.code}` : "";
  return `its folder can't be made on the node${code}; the agent's log says more, and it is tried again`;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
