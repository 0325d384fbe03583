/**
 * Whether an artifact's files are as they were made, by their sizes and the time that all of them got: a replica that
 * writes into the folder that it shares with others changes what those run. What lies beside them is no part of it.
 * @module
 */
import { join } from "node:path";
import type { KeptList } from "./artifact_folders.ts";

const LOOKS_MAX = 16;

/** The path of a file that has changed since, or is gone. */
export async function changedFile(
  folder: string,
  { manifest: { files }, madeMs }: Pick<KeptList, "manifest" | "madeMs">,
): Promise<string | undefined> {
  let next = 0;
  let changed: string | undefined;
  const lookInTurn = async () => {
    for (let file = files[next++]; file !== undefined && changed === undefined; file = files[next++]) {
      if (!await isAsMade(join(folder, file.path), { size: file.size, madeMs })) changed ??= file.path;
    }
  };
  await Promise.all(Array.from({ length: LOOKS_MAX }, lookInTurn));
  return changed;
}

async function isAsMade(path: string, { size, madeMs }: { size: number; madeMs: number }): Promise<boolean> {
  try {
    const info = await Deno.lstat(path);
    return info.isFile && info.size === size && info.mtime?.getTime() === madeMs;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
