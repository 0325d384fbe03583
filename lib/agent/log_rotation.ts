/**
 * Keeps the replicas' logs within bounds. The processes hold their files open, so a file that has grown too large is
 * copied to its older part and cut: they append, and go on at its new end. What a replica writes between the copy and
 * the cut is lost; how far a file overshoots is what it grows by between two looks.
 * @module
 */
import { join } from "node:path";
import type { Clock } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import { olderPath, openLog } from "./log_file.ts";

const LOOK_MS = 1_000;
const SIZE_MAX_BYTES = 10 * 1_024 * 1_024;
/** How long the logs of a replica stay that is here no more. */
const KEEP_MS = 24 * 3_600_000;
const COPY_BYTES = 256 * 1_024;

const log = getLog("logs");

export interface RotationOptions {
  clock: Clock;
  signal: AbortSignal;
  /** Whether the replica is still here. */
  isHeld: (replica: string) => boolean;
}

/** Looks after the logs in the folder until the signal is aborted. */
export async function keepLogsWithinBounds(folder: string, { clock, signal, isHeld }: RotationOptions): Promise<void> {
  while (!signal.aborted) {
    for (const { name } of Deno.readDirSync(folder)) {
      const path = join(folder, name);
      try {
        await lookAfter(path, { expired: !isHeld(name.slice(0, UUID_LENGTH)), nowMs: clock.wall() });
      } catch (error) {
        log.warn("Cannot keep a log within its bounds", { path, error });
      }
    }
    await clock.sleep(LOOK_MS, { signal }).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }
}

const UUID_LENGTH = 36;

async function lookAfter(path: string, { expired, nowMs }: { expired: boolean; nowMs: number }): Promise<void> {
  const { size, mtime } = Deno.lstatSync(path);
  if (expired && mtime !== null && nowMs - mtime.getTime() > KEEP_MS) await Deno.remove(path);
  else if (size > SIZE_MAX_BYTES && !path.endsWith(olderPath(""))) await rotateLog(path, SIZE_MAX_BYTES);
}

/** Moves what the file holds, at most its last `keepBytes`, to its older part. */
export async function rotateLog(path: string, keepBytes: number): Promise<void> {
  using file = await openLog(path, { read: true, write: true });
  if (file === undefined) return;
  using older = await openLog(olderPath(path), { write: true, create: true, truncate: true, mode: 0o600 });
  if (older === undefined) return;
  const { size } = await file.stat();
  // A flood may have grown it far beyond: to copy all of that would only let it grow further.
  await file.seek(Math.max(0, size - 2 * keepBytes), Deno.SeekMode.Start);
  const buffer = new Uint8Array(COPY_BYTES);
  let leftBytes = 2 * keepBytes;
  for (let count = await file.read(buffer); count !== null && leftBytes > 0; count = await file.read(buffer)) {
    leftBytes -= count;
    for (let written = 0; written < count;) written += await older.write(buffer.subarray(written, count));
  }
  await file.truncate(0);
}
