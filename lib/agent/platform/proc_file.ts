/**
 * Files of Linux's `/proc`, which are made up in memory when they are read, so that they are read synchronously: a read
 * takes some 12 µs, a trip through the thread pool several times as long.
 * @module
 */

/** The file's text, or undefined where there is no such process, or it may not be read. */
export function readProc(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (isGone(error) || error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

/** The processes that there are. */
export function pidsInProc(): number[] {
  const pids: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) if (/^\d+$/.test(name)) pids.push(Number(name));
  return pids;
}

/** A process that ends while it is read about gives ESRCH, for which Deno has no class of its own. */
export function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || (error instanceof Error && error.message.includes("(os error 3)"));
}
