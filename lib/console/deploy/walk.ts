/**
 * The files of a folder that is to be deployed, sorted by path. Links are not followed out of it: one to a file within
 * becomes that file, anything else is named and refused, as are devices and what only this host can hold.
 * @module
 */
import { join, sep as SEPARATOR } from "node:path";
import { FILES_MAX } from "../../wire/artifact.ts";
import { ArtifactPath, PATH_PARTS_MAX } from "../../wire/artifact_path.ts";
import type { Ignores } from "./ignore.ts";

/** A file as it is found. */
export interface FoundFile {
  /** Below the folder, with slashes. */
  path: string;
  size: number;
  executable: boolean;
}

export type Found = { kind: "found"; files: FoundFile[] } | { kind: "refused"; reason: string };

const ANY_EXECUTE = 0o111;
const LEAVE_OUT = "leave it out with a line in .musterignore";

/** What keeps a folder from being deployed. */
class Unfit extends Error {}

/** Finds the files; `root` has no links in it. */
export async function filesIn(
  root: string,
  { ignores, signal }: { ignores: Ignores; signal: AbortSignal },
): Promise<Found> {
  const files: FoundFile[] = [];
  const walk = async (folder: string, depth: number): Promise<void> => {
    // A file in it would have too many parts.
    if (depth >= PATH_PARTS_MAX) throw new Unfit(`${folder} lies too deep: at most ${PATH_PARTS_MAX - 1} folders`);
    for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
      signal.throwIfAborted();
      const path = folder === "" ? name : `${folder}/${name}`;
      if (ignores(path, isDirectory ? "folder" : "file")) continue;
      if (!ArtifactPath.safeParse(path).success) {
        throw new Unfit(`${JSON.stringify(path)} has a name that not every system takes: rename it, or ${LEAVE_OUT}`);
      }
      if (isDirectory) {
        await walk(path, depth + 1);
        continue;
      }
      files.push(await fileAt(path, root));
      if (files.length > FILES_MAX) throw new Unfit(`there are more than ${FILES_MAX} files: leave some out`);
    }
  };
  try {
    await walk("", 0);
  } catch (error) {
    if (error instanceof Unfit) return { kind: "refused", reason: error.message };
    throw error;
  }
  return { kind: "found", files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
}

async function fileAt(path: string, root: string): Promise<FoundFile> {
  const info = await Deno.lstat(join(root, path));
  const file = info.isSymlink ? await linkedFile(path, root) : info;
  if (!file.isFile) throw new Unfit(`${path} is no file but a device, a pipe or a socket: ${LEAVE_OUT}`);
  return { path, size: file.size, executable: isExecutable(path, file) };
}

/** The file that a link within the folder leads to. */
async function linkedFile(path: string, root: string): Promise<Deno.FileInfo> {
  let target: string;
  try {
    target = await Deno.realPath(join(root, path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.FilesystemLoop)) throw error;
    throw new Unfit(`${path} is a link to something that is not there: mend it, or ${LEAVE_OUT}`);
  }
  if (!target.startsWith(root.endsWith(SEPARATOR) ? root : `${root}${SEPARATOR}`)) {
    throw new Unfit(
      `${path} is a link that leaves the folder, to ${target}: put the file itself there, or ${LEAVE_OUT}`,
    );
  }
  const info = await Deno.stat(target);
  if (info.isDirectory) {
    throw new Unfit(`${path} is a link to a folder: put the folder itself there, or ${LEAVE_OUT}`);
  }
  return info;
}

/** Where files have no such mark, their names say it. */
function isExecutable(path: string, { mode }: Deno.FileInfo): boolean {
  if (Deno.build.os === "windows" || mode === null) return /\.(exe|com|cmd|bat)$/i.test(path);
  return (mode & ANY_EXECUTE) !== 0;
}
