/**
 * Where a replica's output lies: `logs/<replica>.out` and `.err`, which the process appends to by itself. What
 * was cut off from them is beside them (`log_parts.ts`). Links are never followed: a replica must not make the agent read or cut another file.
 * @module
 */
import { join } from "node:path";
import { LINE_FEED } from "./line_splitter.ts";

export const STREAMS = ["out", "err"] as const;
export type Stream = (typeof STREAMS)[number];

export function logPath(folder: string, replica: string, stream: Stream): string {
  return join(folder, `${replica}.${stream}`);
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

/** The end of a log. */
export interface LogTail {
  bytes: Uint8Array<ArrayBuffer>;
  /** How large the file was, and when it was last written to. */
  size: number;
  changed: Date;
}

/** What is at the end of the file, or undefined when there is none. Begins with a whole line. */
export async function readTail(path: string, bytesMax: number): Promise<LogTail | undefined> {
  using file = await openLog(path, { read: true });
  if (file === undefined) return undefined;
  const { size, mtime } = await file.stat();
  const bytes = new Uint8Array(Math.min(size, bytesMax));
  await file.seek(size - bytes.length, Deno.SeekMode.Start);
  let filled = 0;
  for (let count: number | null = 0; count !== null && filled < bytes.length; filled += count ?? 0) {
    count = await file.read(bytes.subarray(filled));
  }
  // The first line is most likely cut where reading began, unless that was the file's start.
  const from = bytes.length === size ? 0 : bytes.indexOf(LINE_FEED) + 1;
  return { bytes: bytes.subarray(from, filled), size, changed: mtime ?? new Date(0) };
}

/** What the file holds from there on, up to so much; nothing when there is no file. */
export function readChunk(path: string, offset: number): Uint8Array {
  try {
    refuseLink(path);
    using file = Deno.openSync(path);
    file.seekSync(offset, Deno.SeekMode.Start);
    const bytes = new Uint8Array(CHUNK_BYTES);
    return bytes.subarray(0, file.readSync(bytes) ?? 0);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return new Uint8Array(0);
  }
}

const CHUNK_BYTES = 64 * 1_024;

/** How large a file is; 0 when there is none. */
export function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return 0;
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
