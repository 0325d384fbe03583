/**
 * The folders of artifacts in the agent's data folder: `artifacts/<digest>/files` is what a replica finds, beside it the
 * list that it was made from. A folder is there as a whole or not at all.
 * @module
 */
import { join, resolve } from "node:path";
import { ArtifactManifest } from "../../wire/artifact.ts";

const NAME = /^[0-9a-f]{64}$/;
export const MANIFEST_FILE = "manifest.json";
export const FILES_FOLDER = "files";

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
    const artifact = NAME.test(name) ? await readArtifactFolder(path) : undefined;
    if (artifact !== undefined) found.set(name, artifact);
    else if (NAME.test(name) || name.endsWith(".tmp")) await Deno.remove(path, { recursive: true });
  }
  return found;
}

async function readArtifactFolder(path: string): Promise<ArtifactFolder | undefined> {
  try {
    const { mtime } = await Deno.stat(join(path, FILES_FOLDER));
    const manifest = ArtifactManifest.safeParse(JSON.parse(await Deno.readTextFile(join(path, MANIFEST_FILE))));
    return manifest.data && artifactFolderOf(manifest.data, mtime?.getTime() ?? 0);
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
