/**
 * The logs of replicas that are here no more: kept for a day, so that somebody can still ask why one ended, and within
 * a bound of all together, as a replica that is moved to and fro leaves logs each time.
 * @module
 */
import { join } from "node:path";
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";

const log = getLog("logs");

/** How long they stay. */
const KEEP_MS = 24 * 3_600_000;
/** What all of them may hold; the oldest go first. */
export const GONE_BYTES_MAX = 1_024 * 1_024 * 1_024;
const UUID_LENGTH = 36;

/** One that stays. */
export interface GoneLog {
  path: string;
  bytes: number;
  changedMs: number;
}

/** Removes what is too old or too much; gives what stays. One that can't be removed keeps no other from it. */
export function removeGoneLogs(
  folder: string,
  { clock, replicas }: { clock: Clock; replicas: { has(replica: string): boolean } },
): GoneLog[] {
  let bytes = 0;
  return goneLogs(folder, replicas).filter((one) => {
    bytes += one.bytes;
    if (bytes <= GONE_BYTES_MAX && clock.wall() - one.changedMs <= KEEP_MS) return true;
    try {
      Deno.removeSync(one.path);
    } catch (error) {
      log.warn("Cannot remove the log of a replica that is gone", { path: one.path, error });
    }
    return false;
  });
}

/** The newest first. */
function goneLogs(folder: string, replicas: { has(replica: string): boolean }): GoneLog[] {
  const found: GoneLog[] = [];
  for (const { name } of Deno.readDirSync(folder)) {
    if (replicas.has(name.slice(0, UUID_LENGTH))) continue;
    const path = join(folder, name);
    try {
      const { size, mtime } = Deno.lstatSync(path);
      found.push({ path, bytes: size, changedMs: mtime?.getTime() ?? 0 });
    } catch (error) {
      // It has gone since the folder was read.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return found.toSorted((a, b) => b.changedMs - a.changedMs);
}
