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

/** The file, opened, or undefined when there is none. */
export async function openLog(path: string, options: Deno.OpenOptions): Promise<Deno.FsFile | undefined> {
  try {
    refuseLink(path);
    return await Deno.open(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  }
}

/** Refuses what is no plain file. The folder is the agent's alone, so what the shell creates in it nobody else reads. */
export function refuseLink(path: string): void {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return;
  }
  if (!info.isFile) throw new Error(`Cannot open the log ${path}: it is no plain file; remove it`);
}
