/**
 * Where a replica's output lies: `logs/<replica>.out` and `.err`, which the process appends to by itself, and one older
 * part of each. Links are never followed: a replica must not make the agent read or cut another file.
 * @module
 */
import { join } from "node:path";

export const STREAMS = ["out", "err"] as const;
export type Stream = (typeof STREAMS)[number];

export function logPath(folder: string, replica: string, stream: Stream): string {
  return join(folder, `${replica}.${stream}`);
}

/** Where the older part of a log lies. */
export function olderPath(path: string): string {
  return `${path}.1`;
}

/** Makes the file if it isn't there, so that it belongs to the agent and only its owner reads it. */
export async function prepareLog(path: string): Promise<void> {
  await refuseLink(path);
  (await Deno.open(path, { append: true, create: true, mode: 0o600 })).close();
}

/** The file, opened, or undefined when there is none. */
export async function openLog(path: string, options: Deno.OpenOptions): Promise<Deno.FsFile | undefined> {
  try {
    await refuseLink(path);
    return await Deno.open(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  }
}

async function refuseLink(path: string): Promise<void> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return;
  }
  if (!info.isFile) throw new Error(`Cannot open the log ${path}: it is no plain file; remove it`);
}
