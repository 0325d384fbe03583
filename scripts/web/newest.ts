/**
 * When files were last changed, to tell whether what was made of them is out of date.
 * @module
 */

/** When the newest of these files, and of all in these folders, was changed; 0 when none is there. */
export async function newestMs(paths: readonly string[]): Promise<number> {
  let newest = 0;
  for (const path of paths) newest = Math.max(newest, await changedMs(path));
  return newest;
}

async function changedMs(path: string): Promise<number> {
  const { mtime, isDirectory } = await statIfThere(path) ?? {};
  const ownMs = mtime?.getTime() ?? 0;
  if (isDirectory !== true) return ownMs;
  const inside = await Array.fromAsync(Deno.readDir(path), ({ name }) => `${path}/${name}`);
  // A folder's own time tells of files that were removed.
  return Math.max(ownMs, await newestMs(inside));
}

async function statIfThere(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
