/**
 * Room on a disk that is left alone by what may be large and can wait, such as uploads: without it nothing could be
 * decided, logged or removed there any more. Asked before each write; that costs nothing beside the write itself.
 * @module
 */
import { statfs } from "node:fs/promises";

const RESERVE_BYTES_MIN = 268_435_456;
const RESERVE_BYTES_MAX = 1_073_741_824;
const RESERVE_SHARE = 0.05;

export interface DiskRoom {
  freeBytes: number;
  totalBytes: number;
}

/** Undefined where the system doesn't say. */
export type LookAtDisk = (folder: string) => Promise<DiskRoom | undefined>;

/** Whether so many bytes more leave the reserve of the folder's disk alone. */
export async function leavesReserve(
  folder: string,
  bytes: number,
  { look = lookAtDisk }: { look?: LookAtDisk | undefined } = {},
): Promise<boolean> {
  const room = await look(folder);
  return room === undefined || room.freeBytes - bytes >= reserveOf(room.totalBytes);
}

function reserveOf(totalBytes: number): number {
  return Math.min(Math.max(RESERVE_BYTES_MIN, totalBytes * RESERVE_SHARE), RESERVE_BYTES_MAX);
}

async function lookAtDisk(folder: string): Promise<DiskRoom | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch (error) {
    // Not every system and file system can tell; a write that fails says the rest.
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}
