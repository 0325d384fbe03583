/**
 * The logs of replicas that are here no more: kept for as long as their service's spec said, so that somebody can still
 * ask why one ended, and within a bound of all together, as a replica that is moved to and fro leaves logs each time.
 * @module
 */
import { join } from "node:path";
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import { isKeepNote, notedKeepMs } from "./kept_for.ts";

const log = getLog("logs");

/** What all of them may hold; the oldest go first. */
export const GONE_BYTES_MAX = 1_024 * 1_024 * 1_024;
const UUID_LENGTH = 36;

/** One that stays. */
export interface GoneLog {
  path: string;
  bytes: number;
  changedMs: number;
  /** Whose it was. */
  replica: string;
}

/** Removes what is too old or too much; gives what stays. One that can't be removed keeps no other from it. */
export function removeGoneLogs(
  folder: string,
  { clock, replicas }: { clock: Clock; replicas: { has(replica: string): boolean } },
): GoneLog[] {
  const { logs, notes } = goneFiles(folder, replicas);
  const keepMs = new Map<string, number>();
  for (const { replica } of logs) if (!keepMs.has(replica)) keepMs.set(replica, notedKeepMs(folder, replica));
  let bytes = 0;
  const left = logs.filter((one) => {
    bytes += one.bytes;
    const isYoung = clock.wall() - one.changedMs <= (keepMs.get(one.replica) ?? 0);
    if (bytes <= GONE_BYTES_MAX && isYoung) return true;
    remove(one.path);
    return false;
  });
  const withLogs = new Set(left.map(({ replica }) => replica));
  for (const { path, replica } of notes) if (!withLogs.has(replica)) remove(path);
  return left;
}

/** The logs, the newest first, and the notes beside them. */
function goneFiles(
  folder: string,
  replicas: { has(replica: string): boolean },
): { logs: GoneLog[]; notes: GoneLog[] } {
  const found = { logs: [] as GoneLog[], notes: [] as GoneLog[] };
  for (const { name } of Deno.readDirSync(folder)) {
    const replica = name.slice(0, UUID_LENGTH);
    if (replicas.has(replica)) continue;
    const path = join(folder, name);
    try {
      const { size, mtime } = Deno.lstatSync(path);
      const one = { path, bytes: size, changedMs: mtime?.getTime() ?? 0, replica };
      (isKeepNote(name) ? found.notes : found.logs).push(one);
    } catch (error) {
      // It has gone since the folder was read.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  found.logs.sort((a, b) => b.changedMs - a.changedMs);
  return found;
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    log.warn("Cannot remove the log of a replica that is gone", { path, error });
  }
}
