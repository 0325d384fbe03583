/**
 * For how long a replica's logs are kept, noted beside them: once it is gone nobody else knows. What is usual is not
 * noted, so that there are mostly no such notes.
 * @module
 */
import { join } from "node:path";
import { LOGS_USUAL } from "../../cluster/log_limits.ts";
import { parseDurationMs, readDurationMs } from "../../runtime/duration.ts";

const SUFFIX = ".keep";
const USUAL_MS = parseDurationMs(LOGS_USUAL.keep);

/** Whether a file is such a note and no log. */
export function isKeepNote(name: string): boolean {
  return name.endsWith(SUFFIX);
}

export function noteKeep(folder: string, replica: string, keep: string): void {
  const path = join(folder, `${replica}${SUFFIX}`);
  if (keep === LOGS_USUAL.keep) removeNote(path);
  else Deno.writeTextFileSync(path, keep, { mode: 0o600 });
}

/** As it was noted. A note that can't be understood is none. */
export function notedKeepMs(folder: string, replica: string): number {
  try {
    return readDurationMs(Deno.readTextFileSync(join(folder, `${replica}${SUFFIX}`))) ?? USUAL_MS;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return USUAL_MS;
  }
}

function removeNote(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
