/**
 * The folders of artifacts in the agent's data folder: `artifacts/<digest>/files` is what a replica finds, beside it the
 * list that it was made from. A folder is there as a whole or not at all. A list was looked over when it was taken: what
 * a later version would refuse is kept as it is.
 * @module
 */
import { join, resolve } from "node:path";
import * as z from "zod";
import { Digest } from "../../cluster/artifact_ref.ts";
import type { ArtifactManifest } from "../../wire/artifact.ts";
import { digestOf } from "../../wire/digest.ts";

const NAME = /^[0-9a-f]{64}$/;
export const MANIFEST_FILE = "manifest.json";
export const FILES_FOLDER = "files";

const File = z.object({ path: z.string(), size: z.int(), executable: z.boolean(), chunks: z.array(Digest) });
const KeptManifest = z.object({ files: z.array(File) });

/** A list as it lies beside the files. */
export interface KeptList {
  manifest: ArtifactManifest;
  text: Uint8Array;
  /** The time that its files were given when they were made. */
  madeMs: number;
}

/** An artifact on this host. */
export interface ArtifactFolder {
  bytes: number;
  chunks: ReadonlySet<string>;
  /** When a replica had it last, as far as that is known, in milliseconds of the time of day. */
  usedMs: number;
}

/** Where all of it lies. */
export function artifactsFolder(dataFolder: string): string {
  return resolve(dataFolder, "artifacts");
}

/** Where a replica finds its artifact. */
export function artifactFiles(dataFolder: string, sha256: string): string {
  return join(artifactsFolder(dataFolder), sha256, FILES_FOLDER);
}

/** The artifacts that are there, by digest. What is left of one that was being made is removed. */
export async function readArtifactFolders(dataFolder: string): Promise<Map<string, ArtifactFolder>> {
  const folder = artifactsFolder(dataFolder);
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const found = new Map<string, ArtifactFolder>();
  for await (const { name } of Deno.readDir(folder)) {
    const path = join(folder, name);
    const artifact = NAME.test(name) ? await readArtifactFolder(dataFolder, name) : undefined;
    if (artifact !== undefined) found.set(name, artifact);
    else if (NAME.test(name) || name.endsWith(".tmp")) await Deno.remove(path, { recursive: true });
  }
  return found;
}

async function readArtifactFolder(dataFolder: string, sha256: string): Promise<ArtifactFolder | undefined> {
  const list = await readKeptList(dataFolder, sha256);
  if (list === undefined) return undefined;
  try {
    const { mtime } = await Deno.stat(artifactFiles(dataFolder, sha256));
    return artifactFolderOf(list.manifest, mtime?.getTime() ?? 0);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  }
}

/** The list of an artifact that was made; undefined where it is gone, or no longer what its digest says. */
export async function readKeptList(dataFolder: string, sha256: string): Promise<KeptList | undefined> {
  const path = join(artifactsFolder(dataFolder), sha256, MANIFEST_FILE);
  try {
    const [text, { mtime }] = await Promise.all([Deno.readFile(path), Deno.stat(path)]);
    if (digestOf(text) !== sha256) return undefined;
    const parsed = KeptManifest.safeParse(JSON.parse(new TextDecoder().decode(text)));
    return parsed.data && { manifest: parsed.data, text, madeMs: mtime?.getTime() ?? 0 };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What is kept in memory of an artifact. */
export function artifactFolderOf({ files }: ArtifactManifest, usedMs: number): ArtifactFolder {
  return {
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    chunks: new Set(files.flatMap((file) => file.chunks)),
    usedMs,
  };
}
